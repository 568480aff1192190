/** What a stage's deployment says of itself: `/config.json`, written beside the page when it is published. */
export interface Config {
  stage: string;
  /** The HTTP API. */
  apiUrl: string;
  /** Cognito's pages: where people sign in. */
  authUrl: string;
  /** Cognito's API: where people sign up. */
  accountsUrl: string;
  clientId: string;
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  return answer.json();
}
