import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { forgetSent, keepSent, readSent } from "../parts/drafts";
import { Refused } from "./problems";

export type Headers = { "Idempotency-Key": string };

const NOTHING = { said: "", key: "" };

/**
 * A command of the API. Sent again unchanged, after an error or by a second click, it keeps its idempotency key, so
 * that it happens once; whatever is shown is read anew afterwards. What makes something new each time names its draft:
 * the key is kept beside it, for an answer that was lost before a reload.
 */
export function useCommand<Body = void>(
  send: (body: Body, header: Headers) => Promise<unknown>,
  done?: () => void,
  draft?: string,
) {
  const queries = useQueryClient();
  const last = useRef((draft && readSent(draft)) || NOTHING);
  return useMutation({
    mutationFn: (body: Body) => {
      const said = JSON.stringify(body) ?? "";
      if (last.current.said !== said || !last.current.key) last.current = { said, key: crypto.randomUUID() };
      if (draft) keepSent(draft, last.current);
      return send(body, { "Idempotency-Key": last.current.key });
    },
    onError: async (error) => {
      // Somebody was faster: show how it stands now, beside what was typed.
      if (error instanceof Refused && error.isConflict) await queries.invalidateQueries();
    },
    onSuccess: async () => {
      last.current = NOTHING;
      if (draft) forgetSent(draft);
      done?.();
      await queries.invalidateQueries();
    },
  });
}
