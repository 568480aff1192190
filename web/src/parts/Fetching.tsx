import { useMutation } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { words } from "../words";
import { Wrong } from "./CommandForm";

interface FetchingProps {
  label: string;
  /** What is said of it to those who do not see what is around it. */
  name?: string;
  tone?: "quiet" | "";
  /** Fetch it, and have the browser save or open it. */
  fetch: () => Promise<unknown>;
}

/** A button that has the browser save or open something: it says that this is under way, and when it failed. */
export function Fetching({ label, name, tone = "quiet", fetch }: FetchingProps) {
  const run = useMutation({ mutationFn: fetch });
  return (
    <>
      <Wrong error={run.error} />
      <Button className={`button ${tone}`} aria-label={name} isPending={run.isPending} onPress={() => run.mutate()}>
        {run.isPending ? words.common.loading : label}
      </Button>
    </>
  );
}
