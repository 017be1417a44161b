// The ground: land, borders and names, from files of our own. Natural Earth by way of world-atlas; GeoNames.
import coarseUrl from "virtual:coarse-ground";
import fineUrl from "world-atlas/countries-10m.json?url";
import labelsUrl from "../../data/labels.json?url";
import { worldX, worldY } from "./mercator";
import { unpacked } from "./packed";
import type { Packed, PackedGround } from "./topology";

export interface Shape { readonly path: Path2D; readonly west: number; readonly north: number; readonly east: number; readonly south: number }
export interface Ground { land: Shape[]; borders: Shape[]; disputed: Shape[] }
export interface Label { name: string; x: number; y: number; people: number }
export interface Labels { countries: Label[]; regions: Label[]; seas: Label[]; towns: Label[] }

/** The path is made when the shape is first seen: most of the world never is. */
class LazyShape implements Shape {
  #path: Path2D | null = null;
  constructor(readonly of: Packed, readonly number: number, readonly close: boolean) {}
  get west(): number { return this.of.boxes[4 * this.number] ?? 0; }
  get north(): number { return this.of.boxes[4 * this.number + 1] ?? 0; }
  get east(): number { return this.of.boxes[4 * this.number + 2] ?? 0; }
  get south(): number { return this.of.boxes[4 * this.number + 3] ?? 0; }
  get path(): Path2D { return (this.#path ??= this.#draw()); }
  #draw(): Path2D {
    const path = new Path2D(), { points, rings, shapes } = this.of;
    for (let ring = shapes[this.number] ?? 0; ring < (shapes[this.number + 1] ?? 0); ring++) {
      const from = rings[ring] ?? 0, to = rings[ring + 1] ?? 0;
      for (let n = from; n < to; n++) {
        if (n === from) path.moveTo(points[2 * n] ?? 0, points[2 * n + 1] ?? 0);
        else path.lineTo(points[2 * n] ?? 0, points[2 * n + 1] ?? 0);
      }
      if (this.close) path.closePath();
    }
    return path;
  }
}

const shapesOf = (of: Packed, close: boolean): Shape[] => Array.from({ length: of.shapes.length - 1 }, (_, number) => new LazyShape(of, number, close));

const groundOf = (of: PackedGround): Ground => ({ land: shapesOf(of.land, true), borders: shapesOf(of.borders, false), disputed: shapesOf(of.disputed, false) });

async function loadCoarse(): Promise<Ground> {
  return groundOf(unpacked(await (await fetch(coarseUrl)).arrayBuffer()));
}

function loadFine(url: string): Promise<Ground> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise<Ground>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<PackedGround | null>) => {
      worker.terminate();
      if (data) resolve(groundOf(data));
      else reject(new Error("the map could not be loaded"));
    });
    worker.addEventListener("error", () => reject(new Error("the map could not be loaded")));
    worker.postMessage(new URL(url, location.href).href);
  });
}

let coarse: Promise<Ground> | null = null;
let fine: Promise<Ground> | null = null;
let labels: Promise<Labels> | null = null;

/** Of a load that failed nothing is kept, so that the next look tries again. */
export const coarseGround = (): Promise<Ground> => (coarse ??= loadCoarse().catch((error: unknown) => { coarse = null; throw error; }));
export const fineGround = (): Promise<Ground> => (fine ??= loadFine(fineUrl).catch((error: unknown) => { fine = null; throw error; }));

export function placeNames(): Promise<Labels> {
  return (labels ??= (async () => {
    type Row = [string, number, number, number?];
    const found = (await (await fetch(labelsUrl)).json()) as Record<"countries" | "regions" | "seas" | "towns", Row[]>;
    const of = (rows: Row[]): Label[] => rows.map(([name, lat, lon, people]) => ({ name, x: worldX(lon), y: worldY(lat), people: people ?? 0 }));
    return { countries: of(found.countries), regions: of(found.regions), seas: of(found.seas), towns: of(found.towns) };
  })().catch((error: unknown) => { labels = null; throw error; }));
}
