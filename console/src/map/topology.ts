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

const HALF_TURN = 180, TURN = 360;

/** What of a ring lies west (`side` -1) or east (1) of a meridian; cut edges run along it. */
function cutAt(ring: Ring, meridian: number, side: number): Ring {
  const found: (readonly number[])[] = [];
  ring.forEach(([lon = 0, lat = 0], i) => {
    const [nextLon = 0, nextLat = 0] = ring[(i + 1) % ring.length] ?? [];
    const here = (lon - meridian) * side >= 0, there = (nextLon - meridian) * side >= 0;
    if (here) found.push([lon, lat]);
    if (here !== there) found.push([meridian, lat + ((meridian - lon) / (nextLon - lon)) * (nextLat - lat)]);
  });
  return found;
}

/** A ring over the 180th meridian as rings on both sides of it: else its edges would run across the whole map. */
export function unrolled(ring: Ring): Ring[] {
  let turn = 0, last = ring[0]?.[0] ?? 0;
  const open = ring.map(([lon = 0, lat = 0]) => {
    if (lon - last > HALF_TURN) turn -= TURN;
    else if (last - lon > HALF_TURN) turn += TURN;
    last = lon;
    return [lon + turn, lat] as const;
  });
  if (open.every(([lon]) => Math.abs(lon) <= HALF_TURN)) return [ring];
  const [first] = open, end = open[open.length - 1];
  if (first && end && Math.abs(end[0] - first[0]) > HALF_TURN) { // round a pole
    const pole = end[1] < 0 ? -90 : 90;
    open.push([end[0], pole], [first[0], pole]);
  }
  const moved = (part: Ring, by: number): Ring => part.map(([lon = 0, lat = 0]) => [lon + by, lat]);
  const middle = cutAt(cutAt(open, HALF_TURN, -1), -HALF_TURN, 1);
  const parts = [middle, moved(cutAt(open, HALF_TURN, 1), -TURN), moved(cutAt(open, -HALF_TURN, -1), TURN)];
  return parts.filter((part) => part.length > 2);
}

export function groundOf(world: Topology<Countries>): PackedGround {
  const countries = world.objects.countries, land: Ring[][] = [];
  for (const { geometry } of feature(world, countries).features) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    for (const rings of polygons) land.push(rings.flatMap(unrolled));
  }
  const lines = (wanted: boolean): Ring[][] =>
    mesh(world, countries, (a, b) => a !== b && (isDisputed(a as Named) || isDisputed(b as Named)) === wanted).coordinates.map((line) => [line]);
  return { land: pack(land), borders: pack(lines(false)), disputed: pack(lines(true)) };
}
