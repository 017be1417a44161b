// Web Mercator in units of a world 4096 wide: enough digits for 32-bit paths at the closest zoom.
export const WORLD = 4096;
const TILE_PX = 256;
const KM_AT_EQUATOR = 40_075;
export const ZOOM_MIN = 1.5;
export const ZOOM_MAX = 13;
const LAT_MAX = 85;

export interface Camera { lon: number; lat: number; zoom: number }

export const worldX = (lon: number): number => ((lon + 180) / 360) * WORLD;
export function worldY(lat: number): number {
  const held = Math.max(-LAT_MAX, Math.min(LAT_MAX, lat)), sine = Math.sin((held * Math.PI) / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD;
}
export const lonOf = (x: number): number => (x / WORLD) * 360 - 180;
export const latOf = (y: number): number => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI;

/** Screen pixels of a unit of the world. */
export const scaleOf = (zoom: number): number => (TILE_PX * 2 ** zoom) / WORLD;

/** World units of a kilometre at this latitude. */
export const unitsPerKm = (lat: number): number => WORLD / (KM_AT_EQUATOR * Math.max(0.05, Math.cos((lat * Math.PI) / 180)));

export function held(camera: Camera): Camera {
  return {
    lon: Math.max(-180, Math.min(180, camera.lon)),
    lat: Math.max(-LAT_MAX, Math.min(LAT_MAX, camera.lat)),
    zoom: Math.max(ZOOM_MIN, Math.min(ZOOM_MAX, camera.zoom)),
  };
}

const MANY = 40;

/** The camera that shows most of these points. A few far ones don't push the rest into a corner. */
export function fit(points: readonly (readonly [number, number])[], width: number, height: number): Camera {
  const spread = (values: number[]): [number, number] => {
    const sorted = [...values].sort((a, b) => a - b), cut = sorted.length > MANY ? Math.floor(sorted.length * 0.12) : 0;
    return [sorted[cut] ?? 0, sorted[sorted.length - 1 - cut] ?? 0];
  };
  const [west, east] = spread(points.map(([lon]) => worldX(lon)));
  const [north, south] = spread(points.map(([, lat]) => worldY(lat)));
  const pad = Math.min(120, width * 0.14, height * 0.18);
  const scale = Math.min((width - 2 * pad) / Math.max(1, east - west), (height - 2 * pad) / Math.max(1, south - north));
  const zoom = Math.min(8.5, Math.log2((scale * WORLD) / TILE_PX));
  return held({ lon: lonOf((west + east) / 2), lat: latOf((north + south) / 2), zoom });
}
