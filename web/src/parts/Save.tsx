import { useState } from "react";
import { words } from "../words";
import { Wrong } from "./CommandForm";
import { saveAs } from "./saving";

interface SaveProps {
  label: string;
  /** What the file is called. */
  name: string;
  read: () => Promise<Blob>;
}

/** A button by which the browser saves what is read then; why it could not be stands beside it. */
export function Save({ label, name, read }: SaveProps) {
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const save = async () => {
    setReading(true);
    setError(null);
    try {
      saveAs(await read(), name);
    } catch (wrong) {
      setError(wrong as Error);
    } finally {
      setReading(false);
    }
  };
  return (
    <>
      <button type="button" className="button quiet" onClick={save} disabled={isReading}>
        {isReading ? words.common.loading : label}
      </button>
      <Wrong error={error} />
    </>
  );
}
