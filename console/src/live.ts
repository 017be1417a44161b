// One live feed for the whole page: server-sent events read with fetch, so that a token can be sent along.
import { useEffect, useRef, useState } from "preact/hooks";
import { openStream, problemOf } from "./api";
import type { TypedEvent } from "./types";

const RETRY_MS = 700;
const RETRY_MS_MAX = 8_000;
const SILENT_MS_MAX = 40_000; // the server says something every 15 s
const KEPT_MAX = 200;
const PULSE_MS = 1_200; // several events that come together are one reason to look again

export interface Live { state: "connecting" | "on" | "lost"; events: readonly TypedEvent[]; pulse: number; fresh: number; why: string }

interface Message { id: string; data: string }

/** The messages of a stream, as text/event-stream has them. */
export function* parse(block: string): Generator<Message> {
  for (const part of block.split("\n\n")) {
    let id = "", data = "";
    for (const line of part.split("\n")) {
      if (line.startsWith("id: ")) id = line.slice(4);
      else if (line.startsWith("data: ")) data += line.slice(6);
    }
    if (data) yield { id, data };
  }
}

export function useLive(): Live {
  const [state, setState] = useState<Live>({ state: "connecting", events: [], pulse: 0, fresh: 0, why: "" });
  const last = useRef<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let wait = RETRY_MS, due = 0;
    const arrive = (events: TypedEvent[]): void => {
      setState((was) => ({ ...was, events: [...events.reverse(), ...was.events].slice(0, KEPT_MAX), fresh: was.fresh + events.length }));
      if (!due) due = window.setTimeout(() => { due = 0; setState((was) => ({ ...was, pulse: was.pulse + 1 })); }, PULSE_MS);
    };
    const follow = async (): Promise<void> => {
      const attempt = new AbortController(), end = (): void => attempt.abort();
      stop.signal.addEventListener("abort", end);
      addEventListener("offline", end);
      let watchdog = window.setTimeout(end, SILENT_MS_MAX);
      try {
        const answer = await openStream("/v1/stream", last.current, attempt.signal);
        if (!answer.ok || !answer.body) throw await problemOf(answer);
        wait = RETRY_MS;
        setState((was) => ({ ...was, state: "on", why: "", pulse: was.state === "lost" ? was.pulse + 1 : was.pulse }));
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let held = "";
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          clearTimeout(watchdog);
          watchdog = window.setTimeout(end, SILENT_MS_MAX);
          held += value.replaceAll("\r\n", "\n");
          const whole = held.lastIndexOf("\n\n");
          if (whole < 0) continue;
          const messages = [...parse(held.slice(0, whole))];
          held = held.slice(whole + 2);
          if (!messages.length) continue;
          last.current = messages[messages.length - 1]?.id || last.current;
          arrive(messages.map((m) => JSON.parse(m.data) as TypedEvent));
        }
      } finally {
        clearTimeout(watchdog);
        stop.signal.removeEventListener("abort", end);
        removeEventListener("offline", end);
      }
    };
    void (async () => {
      while (!stop.signal.aborted) {
        let why = "The service ended the feed.";
        try {
          await follow();
        } catch (error) {
          why = error instanceof Error && error.name === "ApiError" ? error.message : "There is no connection to the service.";
        }
        if (stop.signal.aborted) return;
        setState((was) => ({ ...was, state: "lost", why }));
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(RETRY_MS_MAX, wait * 1.6);
      }
    })();
    return () => { stop.abort(); clearTimeout(due); };
  }, []);
  return state;
}
