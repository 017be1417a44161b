// A ground as one file: a head of nine counts, then for each of land, borders and disputed its points, rings and shapes.
// Points are 16 bits a coordinate: a quarter of a pixel at the zoom from which the fine map is drawn.
import { WORLD } from "./mercator";
import type { Packed, PackedGround } from "./topology";

const LAYERS = ["land", "borders", "disputed"] as const;
const UNITS = 65_535 / WORLD;

export function packed(ground: PackedGround): Uint8Array {
  const head = new Uint32Array(LAYERS.length * 3), parts: Uint8Array[] = [new Uint8Array(head.buffer)];
  LAYERS.forEach((name, n) => {
    const { points, rings, shapes } = ground[name];
    head.set([points.length, rings.length, shapes.length], n * 3);
    for (const part of [rings, shapes, Uint16Array.from(points, (at) => Math.round(at * UNITS))]) parts.push(new Uint8Array(part.buffer));
  });
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

export function unpacked(file: ArrayBuffer): PackedGround {
  const head = new Uint32Array(file, 0, LAYERS.length * 3);
  let at = head.byteLength;
  const layer = (n: number): Packed => {
    const [pointCount = 0, ringCount = 0, shapeCount = 0] = head.subarray(n * 3, n * 3 + 3);
    const rings = new Uint32Array(file, at, ringCount), shapes = new Uint32Array(file, at + rings.byteLength, shapeCount);
    const from = new Uint16Array(file, at + rings.byteLength + shapes.byteLength, pointCount);
    at += rings.byteLength + shapes.byteLength + from.byteLength;
    const points = new Float32Array(pointCount), boxes = new Float32Array((shapeCount - 1) * 4);
    for (let i = 0; i < pointCount; i++) points[i] = (from[i] ?? 0) / UNITS;
    for (let shape = 0; shape + 1 < shapeCount; shape++) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let i = rings[shapes[shape] ?? 0] ?? 0, end = rings[shapes[shape + 1] ?? 0] ?? 0; i < end; i++) {
        const x = points[2 * i] ?? 0, y = points[2 * i + 1] ?? 0;
        west = Math.min(west, x); east = Math.max(east, x); north = Math.min(north, y); south = Math.max(south, y);
      }
      boxes.set([west, north, east, south], shape * 4);
    }
    return { points, rings, shapes, boxes };
  };
  return { land: layer(0), borders: layer(1), disputed: layer(2) };
}
