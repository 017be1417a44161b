// From TopoJSON to shapes in units of the world.
import type { GeometryCollection, GeometryObject, Topology } from "topojson-specification";
import { feature, mesh } from "topojson-client";
import { worldX, worldY } from "./mercator";

export interface Countries { countries: GeometryCollection<{ name: string }>; [name: string]: GeometryObject }
type Named = GeometryObject<{ name: string }>;
type Ring = readonly (readonly number[])[];

/** Shapes one after another: points as x, y; where each ring begins (in points), where each shape does (in rings). */
export interface Packed { points: Float32Array; rings: Uint32Array; shapes: Uint32Array; boxes: Float32Array }
export interface PackedGround { land: Packed; borders: Packed; disputed: Packed }

/** Areas that Natural Earth draws apart though states disagree whose they are: those without a code of their own, and two. */
const NO_COUNTRY = new Set(["732", "275"]);
const isDisputed = (g: Named): boolean => g.id === undefined || NO_COUNTRY.has(String(g.id));

function pack(shapes: readonly (readonly Ring[])[]): Packed {
  let pointCount = 0, ringCount = 0;
  for (const rings of shapes) for (const ring of rings) { pointCount += ring.length; ringCount += 1; }
  const packed: Packed = { points: new Float32Array(pointCount * 2), rings: new Uint32Array(ringCount + 1), shapes: new Uint32Array(shapes.length + 1), boxes: new Float32Array(shapes.length * 4) };
  let point = 0, ringNumber = 0;
  shapes.forEach((rings, number) => {
    packed.shapes[number] = ringNumber;
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (const ring of rings) {
      packed.rings[ringNumber++] = point;
      for (const [lon = 0, lat = 0] of ring) {
        const x = worldX(lon), y = worldY(lat);
        packed.points[2 * point] = x;
        packed.points[2 * point + 1] = y;
        point += 1;
        west = Math.min(west, x); east = Math.max(east, x); north = Math.min(north, y); south = Math.max(south, y);
      }
    }
    packed.boxes.set([west, north, east, south], number * 4);
  });
  packed.rings[ringNumber] = point;
  packed.shapes[shapes.length] = ringNumber;
  return packed;
}

export function groundOf(world: Topology<Countries>): PackedGround {
  const countries = world.objects.countries, land: Ring[][] = [];
  for (const { geometry } of feature(world, countries).features) {
    if (geometry.type === "Polygon") land.push(geometry.coordinates);
    else if (geometry.type === "MultiPolygon") land.push(...geometry.coordinates);
  }
  const lines = (wanted: boolean): Ring[][] =>
    mesh(world, countries, (a, b) => a !== b && (isDisputed(a as Named) || isDisputed(b as Named)) === wanted).coordinates.map((line) => [line]);
  return { land: pack(land), borders: pack(lines(false)), disputed: pack(lines(true)) };
}
