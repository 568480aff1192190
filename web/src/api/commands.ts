import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Refused } from "./problems";

export type Headers = { "Idempotency-Key": string };

/**
 * A command of the API. Sent again unchanged, after an error or by a second click, it keeps its idempotency key, so
 * that it happens once; whatever is shown is read anew afterwards.
 */
export function useCommand<Body = void>(send: (body: Body, header: Headers) => Promise<unknown>, done?: () => void) {
  const queries = useQueryClient();
  const last = useRef({ said: "", key: "" });
  return useMutation({
    mutationFn: (body: Body) => {
      const said = JSON.stringify(body) ?? "";
      if (last.current.said !== said || !last.current.key) last.current = { said, key: crypto.randomUUID() };
      return send(body, { "Idempotency-Key": last.current.key });
    },
    onError: async (error) => {
      // Somebody was faster: show how it stands now, beside what was typed.
      if (error instanceof Refused && error.isConflict) await queries.invalidateQueries();
    },
    onSuccess: async () => {
      last.current = { said: "", key: "" };
      done?.();
      await queries.invalidateQueries();
    },
  });
}
