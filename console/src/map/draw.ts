// Drawing: ground, then areas, arrows, marks and names. Nothing here knows of the page.
import { corners, FAMILIES, familyOf, words, type Family } from "../kinds";
import { number } from "../time";
import type { Ground, Label, Labels, Shape } from "./base";
import { isMark, summaryOf, type Box as Part, type Cluster, type Mark, type Route } from "./cluster";
import { type Camera, lonOf, latOf, scaleOf, unitsPerKm, worldX, worldY } from "./mercator";

export interface Palette {
  sea: string; land: string; coast: string; border: string; ink: string; faint: string; ground: string; accent: string; dark: boolean;
}
export interface Hit { x: number; y: number; r: number; ids: string[]; part: Part | null; label: string }
export interface Scene {
  camera: Camera; width: number; height: number; palette: Palette;
  ground: Ground | null; labels: Labels | null; clusters: readonly Cluster[]; routes: readonly Route[]; selected: string | null;
  /** The zoom that the server counted cells for. */
  heapZoom: number;
}

const PETALS_MAX = 5;
const AREAS_MAX = 200;
const LABELS_MAX = 140;
const HEAPED_PX_MIN = 70; // shorter, an arrow between two rings is hidden by them
const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

/** A name that is written below its mark, or above where there is no room. */
interface Named { name: string; x: number; y: number; above: number }
interface Box { left: number; top: number; right: number; bottom: number }

class Pen {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  constructor(readonly ctx: CanvasRenderingContext2D, readonly scene: Scene) {
    this.scale = scaleOf(scene.camera.zoom);
    this.left = worldX(scene.camera.lon) - scene.width / 2 / this.scale;
    this.top = worldY(scene.camera.lat) - scene.height / 2 / this.scale;
  }
  x(world: number): number { return (world - this.left) * this.scale; }
  y(world: number): number { return (world - this.top) * this.scale; }
  sees(shape: Shape): boolean {
    const { width, height } = this.scene;
    return shape.east >= this.left && shape.west <= this.left + width / this.scale
      && shape.south >= this.top && shape.north <= this.top + height / this.scale;
  }
  inside(x: number, y: number, margin: number): boolean {
    return x > -margin && y > -margin && x < this.scene.width + margin && y < this.scene.height + margin;
  }
}

const colour = (family: Family, palette: Palette): string => (palette.dark ? family.dark : family.light);

export function drawGround(ctx: CanvasRenderingContext2D, scene: Scene, ratio: number): void {
  const pen = new Pen(ctx, scene), { palette, ground } = scene;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.fillStyle = palette.sea;
  ctx.fillRect(0, 0, scene.width, scene.height);
  if (!ground) return;
  const zoom = ratio * pen.scale;
  ctx.setTransform(zoom, 0, 0, zoom, -pen.left * zoom, -pen.top * zoom);
  ctx.lineJoin = "round";
  ctx.fillStyle = palette.land;
  ctx.strokeStyle = palette.coast;
  ctx.lineWidth = 0.8 / pen.scale;
  for (const shape of ground.land) {
    if (!pen.sees(shape)) continue;
    ctx.fill(shape.path);
    ctx.stroke(shape.path);
  }
  ctx.strokeStyle = palette.border;
  ctx.lineWidth = 1.1 / pen.scale;
  for (const shape of ground.borders) if (pen.sees(shape)) ctx.stroke(shape.path);
  ctx.setLineDash([4 / pen.scale, 4 / pen.scale]);
  for (const shape of ground.disputed) if (pen.sees(shape)) ctx.stroke(shape.path);
  ctx.setLineDash([]);
}

export function drawMarks(ctx: CanvasRenderingContext2D, scene: Scene, ratio: number): Hit[] {
  const pen = new Pen(ctx, scene), hits: Hit[] = [], taken: Box[] = [], named: Named[] = [];
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, scene.width, scene.height);
  const seen = scene.clusters.filter((c) => pen.inside(pen.x(c.x), pen.y(c.y), 60));
  areas(pen, seen);
  for (const route of scene.routes) arrow(pen, route, hits);
  for (const cluster of seen) {
    const x = pen.x(cluster.x), y = pen.y(cluster.y);
    const marks = cluster.spots.length <= PETALS_MAX ? cluster.spots.filter(isMark) : [], [only] = marks;
    const reach = marks.length < cluster.spots.length || !only ? ring(pen, cluster, x, y, hits)
      : marks.length === 1 ? single(pen, only, x, y, hits) : petals(pen, marks, x, y, hits);
    taken.push({ left: x - reach, top: y - reach, right: x + reach, bottom: y + reach });
    const { places, box } = summaryOf(cluster, scene.heapZoom), [first] = places;
    if (first && !box) named.push({ name: places.length > 1 ? `${first} +${places.length - 1}` : first, x, y: y + reach + 9, above: y - reach - 9 });
  }
  for (const { bx, by, place } of scene.routes) if (place) named.push({ name: place, x: pen.x(bx), y: pen.y(by) + 16, above: pen.y(by) - 16 });
  names(pen, taken, named);
  return hits;
}

function areas(pen: Pen, clusters: readonly Cluster[]): void {
  const { ctx, scene } = pen, far = Math.max(scene.width, scene.height) * 0.4;
  const draw = (spot: Mark, ink: string, chosen: boolean): boolean => {
    const r = (spot.feature.properties.radius_km ?? 0) * unitsPerKm(latOf(spot.y)) * pen.scale;
    if (r < 12 || r > far) return false;
    ctx.beginPath();
    ctx.arc(pen.x(spot.x), pen.y(spot.y), r, 0, 2 * Math.PI);
    ctx.globalAlpha = chosen ? 0.16 : 0.07;
    ctx.fillStyle = ink;
    ctx.fill();
    ctx.globalAlpha = chosen ? 0.95 : 0.5;
    ctx.setLineDash([1.5, 4]);
    ctx.lineWidth = chosen ? 2 : 1.2;
    ctx.strokeStyle = ink;
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
    return true;
  };
  let left = AREAS_MAX;
  for (const cluster of clusters) {
    const { areas: found, families, ids } = summaryOf(cluster, scene.heapZoom), [only] = families.keys();
    const ink = families.size === 1 && only ? colour(only, scene.palette) : scene.palette.faint;
    for (const spot of found) if (left > 0 && draw(spot, ink, false)) left -= 1;
    if (!scene.selected || !ids.includes(scene.selected)) continue;
    for (const spot of cluster.spots) if (isMark(spot) && spot.feature.properties.incident_id === scene.selected) draw(spot, scene.palette.accent, true);
  }
}

function arrow(pen: Pen, route: Route, hits: Hit[]): void {
  const { ctx, scene } = pen, ax = pen.x(route.ax), ay = pen.y(route.ay), bx = pen.x(route.bx), by = pen.y(route.by);
  const length = Math.hypot(bx - ax, by - ay);
  if (length < (route.id === null ? HEAPED_PX_MIN : 14) || (!pen.inside(ax, ay, 400) && !pen.inside(bx, by, 400))) return;
  // Bent to the right of its way, so that there and back lie apart; it ends short of the mark that it points to.
  const mx = (ax + bx) / 2 + (by - ay) * 0.18, my = (ay + by) / 2 - (bx - ax) * 0.18;
  const angle = Math.atan2(by - my, bx - mx), ex = bx - 7 * Math.cos(angle), ey = by - 7 * Math.sin(angle);
  const chosen = route.id !== null && route.id === scene.selected, ink = colour(familyOf(route.kind), scene.palette);
  const wide = 2.4 + Math.min(3.6, Math.log2(route.incidents) * 0.7);
  const stroke = (width: number, style: string): void => {
    ctx.lineWidth = width;
    ctx.strokeStyle = style;
    ctx.beginPath();
    ctx.moveTo(ax, ay);
    ctx.quadraticCurveTo(mx, my, ex, ey);
    ctx.stroke();
  };
  ctx.lineCap = "round";
  stroke(wide + (chosen ? 5.6 : 2.6), chosen ? scene.palette.accent : scene.palette.land);
  if (route.contested) ctx.setLineDash([6, 6]);
  stroke(wide, ink);
  ctx.setLineDash([]);
  ctx.fillStyle = ink;
  ctx.beginPath();
  const head = 9 + wide;
  for (const turn of [0, 2.6, -2.6]) ctx.lineTo(ex + (turn ? head * Math.cos(angle + turn) : 5 * Math.cos(angle)), ey + (turn ? head * Math.sin(angle + turn) : 5 * Math.sin(angle)));
  ctx.fill();
  const hx = (ax + 2 * mx + bx) / 4, hy = (ay + 2 * my + by) / 4;
  hits.push({ x: hx, y: hy, r: 12, ids: route.id ? [route.id] : [], part: null, label: `${words(route.kind)}${route.place ? ` to ${route.place}` : ` (${number(route.incidents)})`}` });
}

function outline(ctx: CanvasRenderingContext2D, family: Family, x: number, y: number, r: number): void {
  ctx.beginPath();
  const points = corners(family.shape, x, y, r);
  if (!points) ctx.arc(x, y, r, 0, 2 * Math.PI);
  else {
    points.forEach(([px, py], i) => (i ? ctx.lineTo(px, py) : ctx.moveTo(px, py)));
    ctx.closePath();
  }
}

/** Solid: nobody contests it. Hollow with a broken ring: somebody does. Larger: more independent voices. */
function glyph(pen: Pen, spot: Mark, x: number, y: number, base: number): number {
  const { ctx, scene } = pen, p = spot.feature.properties, family = familyOf(p.kind), ink = colour(family, scene.palette);
  const r = base + Math.min(4, p.corroborated - 1) * 1.6;
  if (p.incident_id === scene.selected) {
    ctx.beginPath();
    ctx.arc(x, y, r + 8, 0, 2 * Math.PI);
    ctx.lineWidth = 3;
    ctx.strokeStyle = scene.palette.accent;
    ctx.stroke();
  }
  outline(ctx, family, x, y, r + 2);
  ctx.fillStyle = scene.palette.ground;
  ctx.fill();
  outline(ctx, family, x, y, r);
  if (p.contested) {
    ctx.lineWidth = 2.2;
    ctx.strokeStyle = ink;
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y, r + 4.5, 0, 2 * Math.PI);
    ctx.setLineDash([3, 3]);
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = scene.palette.ink;
    ctx.stroke();
    ctx.setLineDash([]);
  } else {
    ctx.fillStyle = ink;
    ctx.fill();
  }
  if (p.corroborated > 1) {
    ctx.font = `700 ${Math.round(r * 1.1)}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = p.contested ? scene.palette.ink : scene.palette.ground;
    ctx.fillText(String(p.corroborated), x, y + 0.5);
  }
  return r;
}

function single(pen: Pen, spot: Mark, x: number, y: number, hits: Hit[]): number {
  const r = glyph(pen, spot, x, y, 8), p = spot.feature.properties;
  hits.push({ x, y, r: r + 6, ids: [p.incident_id], part: null, label: p.place });
  return r + 4;
}

function petals(pen: Pen, marks: readonly Mark[], x: number, y: number, hits: Hit[]): number {
  const n = marks.length, around = n === 2 ? 11 : 9 + n * 1.6;
  marks.forEach((spot, i) => {
    const angle = n === 2 ? Math.PI * i : -Math.PI / 2 + (i * 2 * Math.PI) / n;
    const px = x + around * Math.cos(angle), py = y + around * Math.sin(angle), p = spot.feature.properties;
    const r = glyph(pen, spot, px, py, 6.5);
    hits.push({ x: px, y: py, r: r + 3, ids: [p.incident_id], part: null, label: p.place });
  });
  return around + 10;
}

function ring(pen: Pen, cluster: Cluster, x: number, y: number, hits: Hit[]): number {
  const { ctx, scene } = pen, { count, ids, families: parts, contested, box } = summaryOf(cluster, scene.heapZoom);
  const chosen = scene.selected !== null && ids.includes(scene.selected);
  let n = 0;
  for (const number of parts.values()) n += number;
  const r = Math.min(box ? 26 : 30, 13 + Math.log2(count) * 2.2 * (box ? 0.6 : 1));
  ctx.beginPath();
  ctx.arc(x, y, r + 1.5, 0, 2 * Math.PI);
  ctx.fillStyle = scene.palette.ground;
  ctx.fill();
  let angle = -Math.PI / 2;
  for (const family of FAMILIES) {
    const share = parts.get(family);
    if (!share) continue;
    const end = angle + (share / n) * 2 * Math.PI, gap = parts.size > 1 ? 0.07 : 0;
    ctx.beginPath();
    ctx.arc(x, y, r - 2, angle + gap, end - gap);
    ctx.lineWidth = 5;
    ctx.lineCap = "butt";
    ctx.strokeStyle = colour(family, scene.palette);
    ctx.stroke();
    angle = end;
  }
  if (contested || chosen) {
    // As much of the way round as there are contested ones, and never too little to be seen.
    const share = chosen ? 1 : Math.max(0.12, Math.min(1, contested / count));
    ctx.beginPath();
    ctx.arc(x, y, r + 4.5, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI);
    if (!chosen) ctx.setLineDash([3, 3]);
    ctx.lineWidth = chosen ? 3 : 1.6;
    ctx.strokeStyle = chosen ? scene.palette.accent : scene.palette.ink;
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.fillStyle = scene.palette.ink;
  ctx.font = `650 ${count > 999 ? 11 : 12.5}px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(count > 9999 ? `${Math.round(count / 1000)}k` : count > 999 ? `${(count / 1000).toFixed(1)}k` : String(count), x, y + 0.5);
  hits.push({ x, y, r: r + 6, ids, part: box, label: `${number(count)} incidents${contested ? `, ${number(contested)} contested` : ""}` });
  return r + 5;
}

function names(pen: Pen, taken: Box[], marks: readonly Named[]): void {
  const { ctx, scene } = pen, { palette, labels, camera } = scene, shown = new Set<string>();
  let left = LABELS_MAX;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  const write = (text: string, x: number, y: number, font: string, ink: string, align: CanvasTextAlign, spaced = false): boolean => {
    if (left <= 0) return false;
    ctx.font = font;
    ctx.letterSpacing = spaced ? "1.5px" : "0px";
    const wide = ctx.measureText(text).width, from = align === "center" ? x - wide / 2 : x;
    const box = { left: from - 3, top: y - 8, right: from + wide + 3, bottom: y + 8 };
    if (box.left < 0 || box.right > scene.width || taken.some((t) => t.left < box.right && t.right > box.left && t.top < box.bottom && t.bottom > box.top)) return false;
    taken.push(box);
    left -= 1;
    ctx.textAlign = align;
    ctx.lineWidth = 3;
    ctx.strokeStyle = palette.land;
    ctx.strokeText(text, x, y);
    ctx.fillStyle = ink;
    ctx.fillText(text, x, y);
    return true;
  };
  for (const { name, x, y, above } of marks) {
    if (shown.has(name)) continue;
    const put = (at: number): boolean => pen.inside(x, at, 0) && write(name, x, at, `600 12px ${FONT}`, palette.ink, "center");
    if (put(y) || put(above)) shown.add(name);
  }
  if (!labels) return;
  const each = (list: readonly Label[], put: (label: Label, x: number, y: number) => void): void => {
    for (const label of list) {
      if (left <= 0) break;
      const x = pen.x(label.x), y = pen.y(label.y);
      if (!shown.has(label.name) && pen.inside(x, y, 0)) put(label, x, y);
    }
  };
  if (camera.zoom < 7.6) each(labels.countries, (label, x, y) => write(label.name.toUpperCase(), x, y, `600 ${camera.zoom < 4 ? 9.5 : 11}px ${FONT}`, palette.faint, "center", true));
  if (camera.zoom >= 4.5) each(labels.regions, (label, x, y) => write(label.name, x, y, `italic 500 12px ${FONT}`, palette.faint, "center"));
  if (camera.zoom >= 3.5) each(labels.seas, (label, x, y) => write(label.name, x, y, `italic 400 12px ${FONT}`, palette.faint, "center"));
  const peopleMin = 25_000_000 / 2 ** (camera.zoom * 1.15);
  for (const town of labels.towns) {
    if (town.people < peopleMin || left <= 0) break; // they come with the largest first
    const x = pen.x(town.x), y = pen.y(town.y);
    if (shown.has(town.name) || !pen.inside(x, y, 0)) continue;
    if (write(town.name, x + 6, y, `400 11.5px ${FONT}`, palette.faint, "left")) {
      ctx.beginPath();
      ctx.arc(x, y, 2, 0, 2 * Math.PI);
      ctx.fillStyle = palette.faint;
      ctx.fill();
    }
  }
}

export const screenToLonLat = (scene: Pick<Scene, "camera" | "width" | "height">, x: number, y: number): [number, number] => {
  const scale = scaleOf(scene.camera.zoom);
  return [lonOf(worldX(scene.camera.lon) + (x - scene.width / 2) / scale), latOf(worldY(scene.camera.lat) + (y - scene.height / 2) / scale)];
};
