// Marks that would lie on one another become one. Made once for a step of zoom and kept while the map pans.
import { familyOf, type Family } from "../kinds";
import type { Feature, FlowHeap, Heap } from "../types";
import { lonOf, latOf, scaleOf, WORLD, worldX, worldY } from "./mercator";

/** One incident at a place, or a heap of them that the server counted. */
export type Spot = { x: number; y: number } & ({ feature: Feature; heap?: undefined } | { heap: Heap; feature?: undefined });
export type Mark = Spot & { feature: Feature };
export interface Cluster { x: number; y: number; spots: Spot[]; summary?: Summary }
/** An arrow, for one incident or for many. */
export interface Route { ax: number; ay: number; bx: number; by: number; kind: string; contested: boolean; incidents: number; id: string | null; place: string }
/** West, south, east, north in degrees. */
export type Box = readonly [number, number, number, number];

/** What drawing a cluster needs of its spots, counted once: a frame must not walk through all of them. */
export interface Summary {
  count: number; contested: number; ids: string[]; families: Map<Family, number>; places: string[];
  /** One spot for each place and radius. */
  areas: Mark[];
  /** Where the server counted: the part of the map that it counted in. */
  box: Box | null;
}

const JOIN_PX = 50; // two rings side by side
const TURNS_MAX = 5;
/** As in services/projection/core/cells.py: a tile of 256 pixels holds 4 by 4 cells. */
const CELLS_A_TILE = 4;

export const isMark = (spot: Spot): spot is Mark => spot.feature !== undefined;

export function spotsOf(features: readonly Feature[], heaps: readonly Heap[]): Spot[] {
  const found: Spot[] = [];
  const add = (feature: Feature): void => {
    if (feature.geometry.type !== "Point" || feature.properties.role === "destination") return;
    const [lon, lat] = feature.geometry.coordinates;
    found.push({ feature, x: worldX(lon), y: worldY(lat) });
  };
  for (const feature of features) add(feature);
  for (const heap of heaps) {
    if (heap.marks.length) for (const feature of heap.marks) add(feature);
    else found.push({ heap, x: worldX(heap.lon), y: worldY(heap.lat) });
  }
  return found;
}

export function routesOf(features: readonly Feature[], flows: readonly FlowHeap[]): Route[] {
  const found: Route[] = [];
  for (const { geometry, properties: p } of features) {
    if (geometry.type !== "LineString") continue;
    const [[lonA, latA], [lonB, latB]] = geometry.coordinates;
    found.push({ ax: worldX(lonA), ay: worldY(latA), bx: worldX(lonB), by: worldY(latB), kind: p.kind, contested: p.contested, incidents: 1, id: p.incident_id, place: p.place });
  }
  for (const { kind, origin, destination, incidents, contested } of flows) {
    found.push({ ax: worldX(origin[0]), ay: worldY(origin[1]), bx: worldX(destination[0]), by: worldY(destination[1]), kind, contested: contested * 2 > incidents, incidents, id: null, place: "" });
  }
  return found;
}

/** Spots that would lie on one another are one cluster, where most of it lies; clusters that do, too. */
export function clustersOf(spots: readonly Spot[], zoom: number): Cluster[] {
  let found = joined(spots.map((spot) => ({ x: spot.x, y: spot.y, spots: [spot] })), zoom);
  for (let turn = 0; turn < TURNS_MAX; turn++) { // joining moves them, and so may bring others together
    const again = joined(found, zoom);
    if (again.length === found.length) return again;
    found = again;
  }
  return found;
}

const weightOf = (spots: readonly Spot[]): number => spots.reduce((sum, s) => sum + (s.heap?.incidents ?? 1), 0);

/** Greedy: each joins the nearest within `JOIN_PX`, else begins one. Linear in their number. */
function joined(parts: readonly Cluster[], zoom: number): Cluster[] {
  const size = JOIN_PX / scaleOf(zoom), cells = new Map<number, Cluster[]>(), found: Cluster[] = [];
  const columns = Math.ceil(WORLD / size) + 4;
  for (const part of parts) {
    const column = Math.floor(part.x / size), row = Math.floor(part.y / size);
    let best: Cluster | null = null, nearest = size * size;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        for (const cluster of cells.get((row + dy) * columns + column + dx) ?? []) {
          const distance = (cluster.x - part.x) ** 2 + (cluster.y - part.y) ** 2;
          if (distance < nearest) [best, nearest] = [cluster, distance];
        }
      }
    }
    if (best) {
      best.spots.push(...part.spots);
      continue;
    }
    const cluster: Cluster = { x: part.x, y: part.y, spots: [...part.spots] };
    found.push(cluster);
    const key = row * columns + column, there = cells.get(key);
    if (there) there.push(cluster);
    else cells.set(key, [cluster]);
  }
  for (const cluster of found) {
    const all = weightOf(cluster.spots);
    cluster.x = cluster.spots.reduce((sum, s) => sum + s.x * (s.heap?.incidents ?? 1), 0) / all;
    cluster.y = cluster.spots.reduce((sum, s) => sum + s.y * (s.heap?.incidents ?? 1), 0) / all;
  }
  return found;
}

/** The cell of the server's that this point lies in, a little within its edges. */
function cellAround(x: number, y: number, zoom: number): Box {
  const size = WORLD / (CELLS_A_TILE * 2 ** zoom), left = Math.floor(x / size) * size, top = Math.floor(y / size) * size, edge = size / 1000;
  return [lonOf(left + edge), latOf(top + size - edge), lonOf(left + size - edge), latOf(top + edge)];
}

export function summaryOf(cluster: Cluster, heapZoom: number): Summary {
  if (cluster.summary) return cluster.summary;
  const ids = new Set<string>(), places = new Set<string>(), areas = new Map<string, Mark>(), families = new Map<Family, number>();
  let contested = 0, heaped = 0, box: Box | null = null;
  const told = (kind: string, number: number): void => { families.set(familyOf(kind), (families.get(familyOf(kind)) ?? 0) + number); };
  for (const spot of cluster.spots) {
    if (!isMark(spot)) {
      const [west, south, east, north] = cellAround(spot.x, spot.y, heapZoom);
      box = box ? [Math.min(box[0], west), Math.min(box[1], south), Math.max(box[2], east), Math.max(box[3], north)] : [west, south, east, north];
      heaped += spot.heap.incidents;
      contested += spot.heap.contested;
      for (const [kind, number] of Object.entries(spot.heap.kinds)) told(kind, number);
      continue;
    }
    const p = spot.feature.properties;
    if (!ids.has(p.incident_id)) contested += Number(p.contested);
    ids.add(p.incident_id);
    places.add(p.place);
    if (p.radius_km) areas.set(`${p.place}/${p.radius_km}`, spot);
    told(p.kind, 1);
  }
  return (cluster.summary = { count: heaped + ids.size, contested, ids: [...ids], families, places: [...places], areas: [...areas.values()], box });
}
