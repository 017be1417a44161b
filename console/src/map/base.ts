// The ground: land, borders and names, from files of our own. Natural Earth by way of world-atlas; GeoNames.
import type { GeometryCollection, GeometryObject, Topology } from "topojson-specification";
import { feature, mesh } from "topojson-client";
import coarseUrl from "world-atlas/countries-50m.json?url";
import fineUrl from "world-atlas/countries-10m.json?url";
import labelsUrl from "../../data/labels.json?url";
import { worldX, worldY } from "./mercator";

export interface Shape { path: Path2D; west: number; north: number; east: number; south: number }
export interface Ground { land: Shape[]; borders: Shape[]; disputed: Shape[] }
export interface Label { name: string; x: number; y: number; people: number }
export interface Labels { countries: Label[]; regions: Label[]; seas: Label[]; towns: Label[] }

type Named = GeometryObject<{ name: string }>;
type Ring = readonly (readonly number[])[];

/** Areas that Natural Earth draws apart though states disagree whose they are: those without a code of their own, and two. */
const NO_COUNTRY = new Set(["732", "275"]);
const isDisputed = (g: Named): boolean => g.id === undefined || NO_COUNTRY.has(String(g.id));

function shapeOf(rings: readonly Ring[], close: boolean): Shape {
  const path = new Path2D();
  let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
  for (const ring of rings) {
    ring.forEach(([lon = 0, lat = 0], i) => {
      const x = worldX(lon), y = worldY(lat);
      if (i) path.lineTo(x, y);
      else path.moveTo(x, y);
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < north) north = y;
      if (y > south) south = y;
    });
    if (close) path.closePath();
  }
  return { path, west, north, east, south };
}

async function load(url: string): Promise<Ground> {
  const world = (await (await fetch(url)).json()) as Topology<{ countries: GeometryCollection<{ name: string }> }>;
  const countries = world.objects.countries;
  const land: Shape[] = [];
  for (const { geometry } of feature(world, countries).features) {
    if (geometry.type === "Polygon") land.push(shapeOf(geometry.coordinates, true));
    else if (geometry.type === "MultiPolygon") for (const rings of geometry.coordinates) land.push(shapeOf(rings, true));
  }
  const lines = (keep: (a: Named, b: Named) => boolean): Shape[] =>
    mesh(world, countries, (a, b) => a !== b && keep(a as Named, b as Named)).coordinates.map((line) => shapeOf([line], false));
  const disputed = lines((a, b) => isDisputed(a) || isDisputed(b));
  return { land, disputed, borders: lines((a, b) => !isDisputed(a) && !isDisputed(b)) };
}

let coarse: Promise<Ground> | null = null;
let fine: Promise<Ground> | null = null;
let labels: Promise<Labels> | null = null;

export const coarseGround = (): Promise<Ground> => (coarse ??= load(coarseUrl));
export const fineGround = (): Promise<Ground> => (fine ??= load(fineUrl));

export function placeNames(): Promise<Labels> {
  return (labels ??= (async () => {
    type Row = [string, number, number, number?];
    const found = (await (await fetch(labelsUrl)).json()) as Record<"countries" | "regions" | "seas" | "towns", Row[]>;
    const of = (rows: Row[]): Label[] => rows.map(([name, lat, lon, people]) => ({ name, x: worldX(lon), y: worldY(lat), people: people ?? 0 }));
    return { countries: of(found.countries), regions: of(found.regions), seas: of(found.seas), towns: of(found.towns) };
  })());
}
