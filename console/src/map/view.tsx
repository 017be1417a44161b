// The map: two canvases (ground, marks), moved by pointer, wheel, pinch and keys.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Feature } from "../types";
import { coarseGround, fineGround, placeNames, type Ground, type Labels } from "./base";
import { clustersOf, spotsOf, type Cluster } from "./cluster";
import { drawGround, drawMarks, screenToLonLat, type Hit, type Palette } from "./draw";
import { fit, held, lonOf, latOf, scaleOf, worldX, worldY, type Camera } from "./mercator";

const FINE_FROM_ZOOM = 5.8;
const TAP_PX = 5;
const STEP_PX = 80;
const SAY_AFTER_MS = 250;

interface Props {
  features: readonly Feature[] | null;
  selected: string | null;
  theme: string;
  start: Camera | null;
  onMoved: (camera: Camera) => void;
  onPick: (ids: string[]) => void;
}

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element), of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    sea: of("--map-sea"), land: of("--map-land"), coast: of("--map-coast"), border: of("--map-border"), ink: of("--ink"),
    faint: of("--map-label"), ground: of("--panel"), accent: of("--accent"), dark: of("--is-dark") === "1",
  };
}

export function MapView({ features, selected, theme, start, onMoved, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null), below = useRef<HTMLCanvasElement>(null), above = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera | null>(start), size = useRef({ width: 0, height: 0 }), hits = useRef<Hit[]>([]);
  const ground = useRef<Ground | null>(null), labels = useRef<Labels | null>(null), frame = useRef(0), said = useRef(0);
  const cache = useRef<{ spots: unknown; zoom: number; clusters: Cluster[] }>({ spots: null, zoom: -1, clusters: [] });
  const [tip, setTip] = useState<{ x: number; y: number; text: string } | null>(null);
  const spots = useMemo(() => spotsOf(features ?? []), [features]);
  const routes = useMemo(() => (features ?? []).filter((f) => f.geometry.type === "LineString"), [features]);
  const now = useRef({ spots, routes, selected });
  now.current = { spots, routes, selected };

  const draw = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const at = camera.current, { width, height } = size.current, lower = below.current, upper = above.current;
      if (!at || !width || !lower || !upper || !box.current) return;
      const step = Math.round(at.zoom * 2) / 2, kept = cache.current;
      if (kept.spots !== now.current.spots || kept.zoom !== step) {
        cache.current = { spots: now.current.spots, zoom: step, clusters: clustersOf(now.current.spots, step) };
      }
      const scene = {
        camera: at, width, height, palette: paletteOf(box.current), ground: ground.current, labels: labels.current,
        clusters: cache.current.clusters, routes: now.current.routes, selected: now.current.selected,
      };
      const ratio = lower.width / width, a = lower.getContext("2d"), b = upper.getContext("2d");
      if (!a || !b) return;
      drawGround(a, scene, ratio);
      hits.current = drawMarks(b, scene, ratio);
      box.current.dataset["drawn"] = String(hits.current.length);
    });
  }, []);

  const fine = useRef(false);
  const move = useCallback((to: Camera) => {
    camera.current = held(to);
    if (to.zoom >= FINE_FROM_ZOOM && !fine.current) {
      fine.current = true;
      fineGround().then((found) => { ground.current = found; draw(); }, () => { fine.current = false; });
    }
    draw();
    setTip(null);
    clearTimeout(said.current);
    said.current = window.setTimeout(() => camera.current && onMoved(camera.current), SAY_AFTER_MS);
  }, [draw, onMoved]);

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
    const points = now.current.spots.map((s) => [lonOf(s.x), latOf(s.y)] as const);
    move(points.length ? fit(points, size.current.width, size.current.height) : { lon: 20, lat: 25, zoom: 2 });
  }, [move]);

  useEffect(() => {
    coarseGround().then((found) => { ground.current ??= found; draw(); }, () => undefined);
    placeNames().then((found) => { labels.current = found; draw(); }, () => undefined);
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element, ratio = Math.min(2, devicePixelRatio || 1);
      size.current = { width, height };
      for (const canvas of [below.current, above.current]) {
        if (!canvas) continue;
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
      }
      draw();
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [draw]);

  useEffect(() => {
    if (features && !camera.current && size.current.width) fitAll();
    else if (camera.current) {
      if (camera.current.zoom >= FINE_FROM_ZOOM && !fine.current) move(camera.current);
      draw();
    }
  }, [features, selected, theme, draw, fitAll, move]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const pointers = new Map<number, { x: number; y: number }>();
    let moved = 0, spread = 0;
    const at = (e: PointerEvent | WheelEvent): { x: number; y: number } => {
      const r = element.getBoundingClientRect();
      return { x: e.clientX - r.left, y: e.clientY - r.top };
    };
    const nearest = (x: number, y: number): Hit | undefined => {
      const near = hits.current.filter((h) => Math.hypot(h.x - x, h.y - y) <= h.r);
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
      onPick(hit ? hit.ids : []);
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
  }, [pan, zoomAt, onPick]);

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
