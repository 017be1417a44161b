import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { askEarly } from "./api";
import { useLive, type Live } from "./live";
import { AsOf, Filters, useExtent } from "./parts/asof";
import { coarseGround } from "./map/base";
import { Go, plural } from "./parts/basics";
import { words } from "./kinds";
import { filtersOf, params, useParams, viewOf, VIEWS, type View } from "./url";
import { Casualties } from "./views/casualties";
import { IncidentView } from "./views/incident";
import { LiveView } from "./views/live";
import { Operations } from "./views/operations";
import { CELLS, Situation, worldQuery } from "./views/situation";
import { Sources } from "./views/sources";
import { Timeline } from "./views/timeline";
import "./style.css";

const THEME = "tocsin-theme";
const OF_THE_PAST: readonly View[] = ["situation", "timeline", "casualties", "sources", "incident"];
const SAID_MS = 5_000;

function useTheme(): [string, () => void] {
  const dark = matchMedia("(prefers-color-scheme: dark)"), [theme, setTheme] = useState(localStorage.getItem(THEME) ?? (dark.matches ? "dark" : "light"));
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  useEffect(() => {
    const follow = (e: MediaQueryListEvent): void => { if (!localStorage.getItem(THEME)) setTheme(e.matches ? "dark" : "light"); };
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, []);
  return [theme, () => {
    const next = theme === "dark" ? "light" : "dark";
    localStorage.setItem(THEME, next);
    setTheme(next);
  }];
}

/** What has arrived, said once, quietly. */
function Arrivals({ live }: { live: Live }) {
  const seen = useRef(0), [text, setText] = useState("");
  useEffect(() => {
    const fresh = live.fresh - seen.current;
    if (fresh <= 0) return;
    seen.current = live.fresh;
    const kinds = [...new Set(live.events.slice(0, fresh).map((e) => words(e.kind).toLowerCase()))];
    setText(`${plural(fresh, "new event")}: ${kinds.slice(0, 3).join(", ")}${kinds.length > 3 ? "…" : ""}`);
    const timer = setTimeout(() => setText(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [live.pulse]);
  return <div class={`arrivals${text ? " on" : ""}`} aria-live="polite">{text}</div>;
}

function App() {
  const p = useParams(), view = viewOf(p), live = useLive(), [theme, toggle] = useTheme(), extent = useExtent(live.pulse);
  useEffect(() => { document.title = `${words(view)} · Tocsin`; }, [view]);
  const say = live.state === "on" ? "Live" : live.state === "lost" ? "Connection lost" : "Connecting";
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="bar">
        <Go to={{ view: null, id: null, report: null, event: null, where: null }} class="brand" label="Tocsin, to the situation"><svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 3a2 2 0 0 1 2 2v.8c4 .9 6.600 4.300 6.600 8.600v5.200l2.400 3.900H5l2.400-3.900v-5.200c0-4.300 2.600-7.700 6.600-8.600V5a2 2 0 0 1 2-2z" fill="currentColor" /><circle cx="16" cy="26.800" r="2.700" fill="currentColor" /></svg><span>Tocsin</span></Go>
        <nav aria-label="Views"><ul>{VIEWS.map((v) => <li key={v}><Go to={{ view: v === "situation" ? null : v, id: null, report: null, event: null, where: null }} current={view === v}>{words(v)}</Go></li>)}</ul></nav>
        <span class={`conn ${live.state}`} role="status"><i aria-hidden="true" /><span>{say}</span></span>
        <button type="button" class="theme" onClick={toggle} aria-label={theme === "dark" ? "Light colours" : "Dark colours"}>{theme === "dark" ? "☀" : "☾"}</button>
      </header>
      {live.state === "lost" && <div class="away" role="alert">{live.why} What you see may be old; it is tried again by itself.</div>}
      {OF_THE_PAST.includes(view) && <div class="tools"><AsOf extent={extent} />{view !== "incident" && <Filters />}</div>}
      <main id="main" tabIndex={-1} class={view}>
        {view === "situation" && <Situation pulse={live.pulse} theme={theme} />}
        {view === "timeline" && <Timeline pulse={live.pulse} />}
        {view === "incident" && <IncidentView pulse={live.pulse} />}
        {view === "casualties" && <Casualties pulse={live.pulse} />}
        {view === "sources" && <Sources pulse={live.pulse} />}
        {view === "live" && <LiveView live={live} />}
        {view === "operations" && <Operations />}
      </main>
      <Arrivals live={live} />
    </>
  );
}

if (viewOf(params()) === "situation") {
  askEarly(CELLS, worldQuery(filtersOf(params())));
  coarseGround().catch(() => undefined); // the map asks again, and tells
}
document.documentElement.dataset["theme"] = localStorage.getItem(THEME) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
const root = document.getElementById("app");
if (root) render(<App />, root);
