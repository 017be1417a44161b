// Marks that would lie on one another become one. Made once for a step of zoom and kept while the map pans.
import { familyOf, type Family } from "../kinds";
import type { Feature } from "../types";
import { scaleOf, worldX, worldY } from "./mercator";

export interface Spot { feature: Feature; x: number; y: number }
export interface Cluster { x: number; y: number; spots: Spot[]; summary?: Summary }

/** What drawing a cluster needs of its spots, counted once: a frame must not walk through all of them. */
export interface Summary {
  ids: string[]; families: Map<Family, number>; contested: boolean; places: string[];
  /** One spot for each place and radius. */
  areas: Spot[];
}

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

export function summaryOf(cluster: Cluster): Summary {
  if (cluster.summary) return cluster.summary;
  const ids = new Set<string>(), places = new Set<string>(), areas = new Map<string, Spot>(), families = new Map<Family, number>();
  let contested = false;
  for (const spot of cluster.spots) {
    const p = spot.feature.properties, family = familyOf(p.kind);
    ids.add(p.incident_id);
    places.add(p.place);
    if (p.radius_km) areas.set(`${p.place}/${p.radius_km}`, spot);
    families.set(family, (families.get(family) ?? 0) + 1);
    contested ||= p.contested;
  }
  return (cluster.summary = { ids: [...ids], families, contested, places: [...places], areas: [...areas.values()] });
}
