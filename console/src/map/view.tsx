// The map: two canvases (ground, marks), moved by pointer, wheel, pinch and keys.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Feature, FlowHeap, Heap } from "../types";
import { coarseGround, fineGround, placeNames, type Ground, type Labels } from "./base";
import { clustersOf, routesOf, spotsOf, type Box, type Cluster } from "./cluster";
import { drawGround, drawMarks, screenToLonLat, type Hit, type Palette } from "./draw";
import { fit, held, lonOf, latOf, scaleOf, worldX, worldY, type Camera } from "./mercator";

const FINE_FROM_ZOOM = 5.8;
const TAP_PX = 5;
const STEP_PX = 80;
const SAY_AFTER_MS = 250;
const LOOK_AFTER_MS = 120;
const REACH = 1.5; // what is painted is so much wider and higher than the window
const SCALED_MS = 90; // so long a zoom may show what was painted before, larger or smaller
const SETTLE_MS = 120;
const REST_AFTER_MS = 150;
const LARGE_PX = 2_200_000; // a window beyond this takes cells twice as wide, or the server has too many to count

/** What the server counted. It is asked for a part of the map wider than the window, so that panning finds it there. */
export interface Counted { heaps: readonly Heap[]; flows: readonly FlowHeap[]; zoom: number }
export interface Looked { box: Box; zoom: number }
const NO_FEATURES: readonly Feature[] = [], NO_HEAPS: readonly Heap[] = [], NO_FLOWS: readonly FlowHeap[] = [];

interface Props {
  features: readonly Feature[] | null;
  /** In place of features, where there are too many. */
  counted: Counted | null;
  selected: string | null;
  theme: string;
  start: Camera | null;
  onMoved: (camera: Camera) => void;
  onLook: (at: Looked) => void;
  onPick: (ids: string[], part: Box | null) => void;
}

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element), of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    sea: of("--map-sea"), land: of("--map-land"), coast: of("--map-coast"), border: of("--map-border"), ink: of("--ink"),
    faint: of("--map-label"), ground: of("--panel"), accent: of("--accent"), dark: of("--is-dark") === "1",
  };
}

export function MapView({ features, counted, selected, theme, start, onMoved, onLook, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null), below = useRef<HTMLCanvasElement>(null), above = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera | null>(start), size = useRef({ width: 0, height: 0 }), hits = useRef<Hit[]>([]);
  const ground = useRef<Ground | null>(null), labels = useRef<Labels | null>(null), frame = useRef(0), said = useRef(0);
  const cache = useRef<{ spots: unknown; zoom: number; clusters: Cluster[] }>({ spots: null, zoom: -1, clusters: [] });
  const [tip, setTip] = useState<{ x: number; y: number; text: string } | null>(null);
  const shown = counted ? NO_FEATURES : features ?? NO_FEATURES, heaps = counted?.heaps ?? NO_HEAPS, flows = counted?.flows ?? NO_FLOWS;
  const spots = useMemo(() => spotsOf(shown, heaps), [shown, heaps]);
  const routes = useMemo(() => routesOf(shown, flows), [shown, flows]);
  const now = useRef({ spots, routes, selected, heapZoom: 0, counts: false, there: false });
  now.current = { spots, routes, selected, heapZoom: counted?.zoom ?? 0, counts: counted !== null, there: (features ?? counted) !== null };
  const painted = useRef<{ at: Camera; took: number; done: number } | null>(null), stale = useRef(true), settling = useRef(0);
  const fine = useRef(false), settled = useRef(false), fineDrawn = useRef(false), looked = useRef<Looked | null>(null), looking = useRef(0);

  /** Ask for the cells of where the map is, unless they are there or asked for. */
  const look = useCallback(() => {
    const at = camera.current, { width, height } = size.current;
    if (!at || !width || !now.current.counts) return;
    const zoom = Math.max(0, Math.round(at.zoom) - Number(width * height > LARGE_PX)), scale = scaleOf(at.zoom), x = worldX(at.lon), y = worldY(at.lat);
    const part = (share: number): Box => [
      Math.max(-180, lonOf(x - (width * share) / scale)), latOf(y + (height * share) / scale), Math.min(180, lonOf(x + (width * share) / scale)), latOf(y - (height * share) / scale),
    ];
    const [west, south, east, north] = part(0.5), last = looked.current;
    if (last && last.zoom === zoom && last.box[0] <= west && last.box[1] <= south && last.box[2] >= east && last.box[3] >= north) return;
    looked.current = { box: part(1), zoom };
    onLook(looked.current);
  }, [onLook]);

  /** Draw both canvases for where the map is now; they reach beyond the window, so that it can be pushed about. */
  const paint = useCallback((at: Camera) => {
    const { width, height } = size.current, lower = below.current, upper = above.current;
    const a = lower?.getContext("2d"), b = upper?.getContext("2d");
    if (!lower || !a || !b || !box.current) return;
    const began = performance.now(), step = Math.floor(at.zoom * 2) / 2, kept = cache.current;
    if (kept.spots !== now.current.spots || kept.zoom !== step) {
      cache.current = { spots: now.current.spots, zoom: step, clusters: clustersOf(now.current.spots, step) };
    }
    // Arrows between cells of another zoom would begin and end nowhere.
    const fits = !now.current.counts || Math.abs(at.zoom - now.current.heapZoom) < 1.6;
    const wide = width * REACH, high = height * REACH, ratio = lower.width / wide;
    const scene = {
      camera: at, width: wide, height: high, palette: paletteOf(box.current), ground: ground.current, labels: labels.current,
      clusters: cache.current.clusters, routes: fits ? now.current.routes : [], selected: now.current.selected, heapZoom: now.current.heapZoom,
    };
    drawGround(a, scene, ratio);
    hits.current = drawMarks(b, scene, ratio);
    painted.current = { at, took: performance.now() - began, done: performance.now() };
    box.current.dataset["drawn"] = String(hits.current.length);
    box.current.dataset["cells"] = now.current.counts ? String(now.current.heapZoom) : "";
    box.current.dataset["ground"] = ground.current ? (fineDrawn.current ? "fine" : "coarse") : "";
  }, []);

  /** How what is painted lies in the window now: pushed by pixels and scaled. */
  const laid = useCallback((): { dx: number; dy: number; scale: number } => {
    const at = camera.current, was = painted.current?.at;
    if (!at || !was) return { dx: 0, dy: 0, scale: 1 };
    const unit = scaleOf(at.zoom);
    return { dx: (worldX(was.lon) - worldX(at.lon)) * unit, dy: (worldY(was.lat) - worldY(at.lat)) * unit, scale: 2 ** (at.zoom - was.zoom) };
  }, []);

  /** Show what is painted where it belongs; paint anew what is stale, uncovered, or out of scale for long enough. */
  const show = useCallback((fresh: boolean) => {
    cancelAnimationFrame(frame.current);
    stale.current ||= fresh;
    frame.current = requestAnimationFrame(() => {
      const at = camera.current, { width, height } = size.current;
      if (!at || !width) return;
      const { dx, dy, scale } = laid(), was = painted.current;
      const covered = Math.abs(dx) <= (width / 2) * (REACH * scale - 1) && Math.abs(dy) <= (height / 2) * (REACH * scale - 1);
      const rested = was !== null && performance.now() - was.done > Math.max(SCALED_MS, was.took * 4);
      if (stale.current || !was || !covered || (scale !== 1 && rested)) { paint(at); stale.current = false; }
      const to = laid(), style = `translate(${to.dx}px, ${to.dy}px) scale(${to.scale})`;
      for (const canvas of [below.current, above.current]) if (canvas) canvas.style.transform = style;
      clearTimeout(settling.current);
      if (to.scale !== 1) settling.current = window.setTimeout(() => show(true), SETTLE_MS);
      if (now.current.counts && !looking.current) looking.current = window.setTimeout(() => { looking.current = 0; look(); }, LOOK_AFTER_MS);
    });
  }, [look, laid, paint]);
  const draw = useCallback(() => show(true), [show]);

  /** The fine map is large: it comes when it can be seen, and after everything that the first view needs. */
  const refine = useCallback(() => {
    if (fine.current || !settled.current || (camera.current?.zoom ?? 0) < FINE_FROM_ZOOM) return;
    fine.current = true;
    fineGround().then((found) => { ground.current = found; fineDrawn.current = true; draw(); }, () => { fine.current = false; });
  }, [draw]);

  const move = useCallback((to: Camera) => {
    camera.current = held(to);
    refine();
    show(false);
    setTip(null);
    clearTimeout(said.current);
    said.current = window.setTimeout(() => camera.current && onMoved(camera.current), SAY_AFTER_MS);
  }, [refine, show, onMoved]);

  const zoomAt = useCallback((change: number, x: number, y: number) => {
    const at = camera.current, { width, height } = size.current;
    if (!at) return;
    const [lon, lat] = screenToLonLat({ camera: at, width, height }, x, y), to = held({ ...at, zoom: at.zoom + change });
    const scale = scaleOf(to.zoom);
    move({ lon: lonOf(worldX(lon) - (x - width / 2) / scale), lat: latOf(worldY(lat) - (y - height / 2) / scale), zoom: to.zoom });
  }, [move]);

  const pan = useCallback((dx: number, dy: number) => {
    const at = camera.current;
    if (!at) return;
    const scale = scaleOf(at.zoom);
    move({ ...at, lon: lonOf(worldX(at.lon) - dx / scale), lat: latOf(worldY(at.lat) - dy / scale) });
  }, [move]);

  const fitAll = useCallback(() => {
    // A heap pulls by its size, or a few far incidents would count as much as a thousand.
    const points = now.current.spots.flatMap((s) => Array.from({ length: Math.ceil(Math.sqrt(s.heap?.incidents ?? 1)) }, () => [lonOf(s.x), latOf(s.y)] as const));
    move(points.length ? fit(points, size.current.width, size.current.height) : { lon: 20, lat: 25, zoom: 2 });
  }, [move]);

  /** Draw what there is; at first around all of it. */
  const begin = useCallback(() => {
    if (camera.current) draw();
    else if (now.current.there && size.current.width) fitAll();
  }, [draw, fitAll]);

  useEffect(() => {
    // Names come after the marks and the land: they are many, and nobody reads them first.
    const rest = (): void => { settled.current = true; refine(); };
    const named = (): void => void placeNames().then((found) => { labels.current = found; draw(); setTimeout(rest, REST_AFTER_MS); }, rest);
    coarseGround().then((found) => { ground.current ??= found; draw(); setTimeout(named, REST_AFTER_MS); }, named);
  }, [draw, refine]);

  // Both before the browser paints, so that the map is in the same frame as what stands around it.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element, ratio = Math.min(2, devicePixelRatio || 1);
      if (width === size.current.width && height === size.current.height) return;
      size.current = { width, height };
      for (const canvas of [below.current, above.current]) {
        if (!canvas) continue;
        canvas.width = Math.round(width * REACH * ratio);
        canvas.height = Math.round(height * REACH * ratio);
      }
      begin();
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, [begin]);

  useLayoutEffect(begin, [features, counted, selected, theme, begin]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const pointers = new Map<number, { x: number; y: number }>();
    let moved = 0, spread = 0;
    const at = (e: PointerEvent | WheelEvent): { x: number; y: number } => {
      const r = element.getBoundingClientRect();
      return { x: e.clientX - r.left, y: e.clientY - r.top };
    };
    /** The mark at a point of the window, in the window's own pixels. */
    const nearest = (x: number, y: number): Hit | undefined => {
      const { width, height } = size.current, { dx, dy, scale } = laid();
      const near = hits.current.map((h) => ({ ...h, x: width / 2 + dx + (h.x - (width * REACH) / 2) * scale, y: height / 2 + dy + (h.y - (height * REACH) / 2) * scale }))
        .filter((h) => Math.hypot(h.x - x, h.y - y) <= h.r);
      return near.sort((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y))[0];
    };
    const down = (e: PointerEvent): void => {
      if ((e.target as Element).closest("button")) return;
      pointers.set(e.pointerId, at(e));
      element.setPointerCapture(e.pointerId);
      moved = 0;
      spread = 0;
    };
    const drag = (e: PointerEvent): void => {
      const here = at(e), before = pointers.get(e.pointerId);
      if (!before) {
        const hit = nearest(here.x, here.y);
        element.style.cursor = hit ? "pointer" : "grab";
        setTip(hit ? { x: hit.x, y: hit.y - hit.r, text: hit.label } : null);
        return;
      }
      pointers.set(e.pointerId, here);
      if (pointers.size === 1) {
        moved += Math.abs(here.x - before.x) + Math.abs(here.y - before.y);
        if (moved > TAP_PX) pan(here.x - before.x, here.y - before.y);
        return;
      }
      const [a, b] = [...pointers.values()];
      if (!a || !b) return;
      const apart = Math.hypot(a.x - b.x, a.y - b.y);
      if (spread) zoomAt(Math.log2(apart / spread), (a.x + b.x) / 2, (a.y + b.y) / 2);
      spread = apart;
      moved = TAP_PX + 1;
    };
    const up = (e: PointerEvent): void => {
      if (!pointers.delete(e.pointerId) || moved > TAP_PX || e.type === "pointercancel") return;
      const here = at(e), hit = nearest(here.x, here.y);
      onPick(hit ? hit.ids : [], hit?.part ?? null);
    };
    const wheel = (e: WheelEvent): void => {
      e.preventDefault();
      const { x, y } = at(e);
      zoomAt(-e.deltaY * (e.deltaMode === 1 ? 0.06 : 0.0022), x, y);
    };
    const leave = (): void => setTip(null);
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", drag);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("pointerleave", leave);
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", drag);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", up);
      element.removeEventListener("pointerleave", leave);
      element.removeEventListener("wheel", wheel);
    };
  }, [pan, zoomAt, onPick, laid]);

  const key = (e: KeyboardEvent): void => {
    const { width, height } = size.current;
    const does: Record<string, () => void> = {
      ArrowLeft: () => pan(STEP_PX, 0), ArrowRight: () => pan(-STEP_PX, 0), ArrowUp: () => pan(0, STEP_PX), ArrowDown: () => pan(0, -STEP_PX),
      "+": () => zoomAt(0.5, width / 2, height / 2), "=": () => zoomAt(0.5, width / 2, height / 2), "-": () => zoomAt(-0.5, width / 2, height / 2), "0": fitAll,
    };
    const act = does[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    act();
  };

  return (
    <div class="map" ref={box} tabIndex={0} role="application" aria-label="Map of incidents. Arrow keys move it, plus and minus zoom, 0 shows all. The list beside it holds the same incidents." onKeyDown={key}>
      <canvas ref={below} aria-hidden="true" />
      <canvas ref={above} aria-hidden="true" />
      {tip && <div class="tip" aria-hidden="true" style={{ left: tip.x, top: tip.y }}>{tip.text}</div>}
      <div class="zoom">
        <button type="button" aria-label="Zoom in" onClick={() => zoomAt(0.7, size.current.width / 2, size.current.height / 2)}>+</button>
        <button type="button" aria-label="Zoom out" onClick={() => zoomAt(-0.7, size.current.width / 2, size.current.height / 2)}>−</button>
        <button type="button" aria-label="Show all incidents" onClick={fitAll}>⤢</button>
      </div>
    </div>
  );
}
