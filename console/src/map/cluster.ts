// Marks that would lie on one another become one. Made once for a step of zoom and kept while the map pans.
import type { Feature } from "../types";
import { scaleOf, worldX, worldY } from "./mercator";

export interface Spot { feature: Feature; x: number; y: number }
export interface Cluster { x: number; y: number; spots: Spot[] }

const JOIN_PX = 34;

export function spotsOf(features: readonly Feature[]): Spot[] {
  const found: Spot[] = [];
  for (const feature of features) {
    if (feature.geometry.type !== "Point" || feature.properties.role === "destination") continue;
    const [lon, lat] = feature.geometry.coordinates;
    found.push({ feature, x: worldX(lon), y: worldY(lat) });
  }
  return found;
}

/** Greedy: a spot joins the nearest cluster within `JOIN_PX`, else begins one. Linear in the number of spots. */
export function clustersOf(spots: readonly Spot[], zoom: number): Cluster[] {
  const size = JOIN_PX / scaleOf(zoom), cells = new Map<number, Cluster[]>(), found: Cluster[] = [];
  const columns = Math.ceil(4096 / size) + 4;
  for (const spot of spots) {
    const column = Math.floor(spot.x / size), row = Math.floor(spot.y / size);
    let best: Cluster | null = null, nearest = size * size;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        for (const cluster of cells.get((row + dy) * columns + column + dx) ?? []) {
          const distance = (cluster.x - spot.x) ** 2 + (cluster.y - spot.y) ** 2;
          if (distance < nearest) [best, nearest] = [cluster, distance];
        }
      }
    }
    if (best) {
      best.spots.push(spot);
      continue;
    }
    const cluster: Cluster = { x: spot.x, y: spot.y, spots: [spot] };
    found.push(cluster);
    const key = row * columns + column, there = cells.get(key);
    if (there) there.push(cluster);
    else cells.set(key, [cluster]);
  }
  return found;
}
