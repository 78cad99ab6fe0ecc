/** Ctrl-C: the first lets the current bands end, the second stops at once. */
import { InterruptedError } from "../errors.js";

export interface Interrupt {
  signal: AbortSignal;
  /** 130 or 143 once a signal came, else null. */
  status(): number | null;
  dispose(): void;
}

const statusOf = { SIGINT: 130, SIGTERM: 143 } as const;

/** Listens to this process's signals until `dispose`. */
export function listen(say: (text: string) => void): Interrupt {
  const controller = new AbortController();
  let status: number | null = null;
  const handler = (signal: NodeJS.Signals) => {
    const code = statusOf[signal as keyof typeof statusOf];
    if (status !== null) process.exit(code);
    status = code;
    say("stopping after the rows in work; once more to stop at once");
    controller.abort(new InterruptedError("interrupted", { hint: "iris resume makes what is missing" }));
  };
  process.on("SIGINT", handler).on("SIGTERM", handler);
  return {
    signal: controller.signal,
    status: () => status,
    dispose: () => void process.off("SIGINT", handler).off("SIGTERM", handler),
  };
}
