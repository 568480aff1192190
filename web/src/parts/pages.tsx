import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { words } from "../words";
import { Wrong } from "./CommandForm";
import { Read } from "./shown";

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** How a list of the API is read page by page: options for `$api.useInfiniteQuery`. */
export const byCursor = {
  pageParamName: "cursor",
  initialPageParam: null as unknown as string, // undefined would be taken for zero
  getNextPageParam: (last: { next_cursor?: string | null }) => last.next_cursor ?? undefined,
};

interface ListProps<T> {
  of: UseInfiniteQueryResult<{ pages: Page<T>[] }, unknown>;
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
}

/** A list of the API, with its further pages on request. */
export function Listed<T>({ of, empty, children }: ListProps<T>) {
  return (
    <Read of={of}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (!items.length) return empty;
        return (
          <>
            {children(items)}
            {of.isFetchNextPageError && <Wrong error={of.error as Error} />}
            {of.hasNextPage && (
              <button
                type="button"
                className="button quiet more"
                disabled={of.isFetchingNextPage}
                onClick={() => of.fetchNextPage()}
              >
                {words.common.more}
              </button>
            )}
          </>
        );
      }}
    </Read>
  );
}
