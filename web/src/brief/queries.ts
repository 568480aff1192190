import { useEffect } from "react";
import { $api } from "../api/client";
import { useKnownMe } from "../api/me";
import { byCursor } from "../parts/pages";
import { ENDS } from "./life";

const SOON_MS = 4_000;
const LATER_MS = 30_000;

/** A brief, asked for again while it can move: what others do to it shows without a reload. */
export function useBrief(briefId: string) {
  return $api.useQuery(
    "get",
    "/briefs/{brief_id}",
    { params: { path: { brief_id: briefId } } },
    {
      refetchInterval: ({ state: { data } }) => {
        if (!data) return false;
        return ENDS.has(data.state) && (!data.progress || data.progress.settled_at) ? LATER_MS : SOON_MS;
      },
    },
  );
}

/** The steps of a brief so far, for its parties; read anew with each version of it. */
export function useTimeline(briefId: string, version: number | undefined) {
  const timeline = $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/timeline",
    { params: { path: { brief_id: briefId }, query: { limit: 100 } } },
    { ...byCursor, enabled: version !== undefined },
  );
  const { data, refetch } = timeline;
  const known = data && Math.max(...data.pages.flatMap((page) => page.items.map((step) => step.version)));
  useEffect(() => {
    if (version !== undefined && known !== undefined && known < version) refetch();
  }, [version, known, refetch]);
  return timeline;
}

export type Side = "employer" | "student" | "operator" | "other";

/** On which side of a brief the reader is. */
export function useSide(brief: {
  employer: { organisation_id: string };
  progress?: { student_id: string | null } | null;
}): Side {
  const me = useKnownMe();
  if (me.role === "operator") return "operator";
  if (me.organisation_id && me.organisation_id === brief.employer.organisation_id) return "employer";
  return brief.progress && brief.progress.student_id === me.account_id ? "student" : "other";
}
