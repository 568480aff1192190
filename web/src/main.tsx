import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { connect } from "./api/client";
import { loadConfig } from "./api/config";
import { Refused } from "./api/problems";
import { Session } from "./session/session";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/brief.css";
import { words } from "./words";

const MOST_RETRIES = 3;

/** What was refused is not asked again; what nobody answered is. */
function retry(failures: number, error: Error): boolean {
  const final = error instanceof Refused && error.status !== 0 && error.status < 500 && error.status !== 429;
  return !final && failures < MOST_RETRIES;
}

async function start(root: HTMLElement): Promise<void> {
  const config = await loadConfig();
  const session = new Session(config);
  connect(config.apiUrl, session);
  const queries = new QueryClient({ defaultOptions: { queries: { retry, staleTime: 2_000 } } });
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App config={config} session={session} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) {
  start(root).catch(() => {
    root.textContent = words.problems.noConfig;
  });
}
