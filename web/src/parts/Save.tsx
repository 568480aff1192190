import { Fetching } from "./Fetching";
import { saveAs } from "./saving";

interface SaveProps {
  label: string;
  /** What the file is called. */
  name: string;
  read: () => Promise<Blob>;
}

/** A button by which the browser saves what is read then; why it could not be stands beside it. */
export function Save({ label, name, read }: SaveProps) {
  return <Fetching label={label} fetch={async () => saveAs(await read(), name)} />;
}
