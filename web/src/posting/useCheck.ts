import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api/client";
import { type FieldErrors, fieldErrors } from "../api/problems";
import type { Draft } from "./posting";
import { postingOf } from "./posting";

const PAUSE_MS = 700;

/** What the API finds about a posting while it is typed: remarks, the cost and the pay floor. Nothing is written. */
export function useCheck(draft: Draft) {
  const [settled, setSettled] = useState(draft);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(draft), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  const checked = useQuery({
    queryKey: ["check", settled],
    queryFn: async () => {
      try {
        const { data } = await api.POST("/briefs/check", { body: postingOf(settled) });
        return { view: data ?? null, errors: {} as FieldErrors };
      } catch (error) {
        // A posting that is half typed is refused for its form: that is no failure, but what there is to say of it.
        if (!Object.keys(fieldErrors(error)).length) throw error;
        return { view: null, errors: fieldErrors(error) };
      }
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
  return { ...checked, isCurrent: settled === draft && !checked.isPlaceholderData };
}
