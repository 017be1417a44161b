// A report's text with its spans marked. The text is only ever text.
import { useEffect, useRef } from "preact/hooks";
import { familyOf, words } from "../kinds";
import { moment } from "../time";
import type { Mark, ReportAnswer } from "../types";
import { WebLink } from "./basics";

interface Piece { text: string; marks: readonly Mark[] }

/** The body cut where marks begin and end. Spans count code points, so the body is cut in those. */
export function pieces(body: string, marks: readonly Mark[]): Piece[] {
  const points = Array.from(body);
  const cuts = [...new Set([0, points.length, ...marks.flatMap((m) => [m.start, m.end])])].filter((n) => n >= 0 && n <= points.length).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, i) => {
    const to = cuts[i + 1] ?? points.length;
    return { text: points.slice(from, to).join(""), marks: marks.filter((m) => m.start <= from && m.end >= to) };
  });
}

/** `still` where the focus follows the pointer: then what is under it must not move. */
export function ReportText({ answer, focus, still = false }: { answer: ReportAnswer; focus: string | null; still?: boolean }) {
  const first = useRef<HTMLElement>(null), { report, marks } = answer;
  const shown = useRef(focus);
  useEffect(() => {
    if (shown.current !== focus && !still) first.current?.scrollIntoView({ block: "center" }); // not when the page opens
    shown.current = focus;
  }, [report.id, focus]);
  let found = false;
  return (
    <article class="report">
      <header>
        <h3>{report.title ?? "Untitled report"}</h3>
        <p>{report.outlet} · published {moment(report.published_at)} UTC · received {moment(report.received_at)} UTC</p>
        {answer.withdrawn_by.map((w) => <p class="badge contested" key={w.report_id}>{w.retracts ? "Retracted" : "Superseded"} {moment(w.at)} UTC</p>)}
        {answer.receipts.some((r) => r.not_coded) && <p class="note">Not coded: {answer.receipts.map((r) => r.not_coded).filter(Boolean).join(", ")}.</p>}
      </header>
      <p class="body">
        {pieces(report.body, marks).map((piece, i) => {
          if (!piece.marks.length) return <span key={i}>{piece.text}</span>;
          const chosen = piece.marks.some((m) => m.event_id === focus), kind = (piece.marks.find((m) => m.event_id === focus) ?? piece.marks[0])?.kind ?? "";
          const take = chosen && !found;
          found ||= chosen;
          return (
            <mark key={i} ref={take ? first : null} class={chosen ? "chosen" : ""} style={{ "--c": `var(--f-${familyOf(kind).id})` }} title={[...new Set(piece.marks.map((m) => words(m.kind)))].join(", ")}>{piece.text}</mark>
          );
        })}
      </p>
      <footer>
        <WebLink url={report.url}>Where it was published</WebLink>
        <a href={`/v1/reports/${report.id}`}>This report as JSON</a>
      </footer>
    </article>
  );
}
