import { $api, type Schemas } from "./client";

export type Me = Schemas["Me"];

/** Whoever is signed in. */
export function useMe() {
  return $api.useQuery("get", "/me", {}, { staleTime: 60_000 });
}

/** Of a page that is only drawn once it is known who is there. */
export function useKnownMe(): Me {
  const { data } = useMe();
  if (!data) throw new Error("drawn before anybody was known");
  return data;
}
