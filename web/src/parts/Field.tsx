import { createContext, type ReactNode, useContext, useId } from "react";
import { FieldError, Input, Label, Text, TextArea, TextField } from "react-aria-components";
import { errorAt, type FieldErrors } from "../api/problems";

/** What the API found wrong with the form around, by JSON pointer. */
export const Errors = createContext<FieldErrors>({});

interface FieldProps {
  /** The JSON pointer of the field in what is sent. */
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  required?: boolean;
}

interface TextProps extends FieldProps {
  type?: "text" | "email" | "password" | "url" | "number" | "date" | "datetime-local" | "search";
  rows?: number;
  maxLength?: number;
  autoComplete?: string;
  inputMode?: "decimal" | "numeric";
  error?: string;
}

export function Typed({ name, label, value, onChange, hint, required, type, rows, error, ...input }: TextProps) {
  const errors = useContext(Errors);
  const wrong = error ?? errorAt(errors, name);
  return (
    <TextField
      className="field"
      name={name}
      value={value}
      onChange={onChange}
      isRequired={required}
      isInvalid={wrong !== undefined}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      {rows ? <TextArea rows={rows} {...input} /> : <Input type={type} {...input} />}
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="error">{wrong}</FieldError>
    </TextField>
  );
}

interface ChoiceProps extends FieldProps {
  options: readonly { value: string; label: string }[];
  empty?: string;
}

/** The platform's own list: known to every screen reader, and made for thumbs on phones. */
export function Choice({ name, label, value, onChange, options, empty, hint, required }: ChoiceProps) {
  const id = useId();
  const wrong = errorAt(useContext(Errors), name);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        value={value}
        required={required}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={`${id}-more`}
        onChange={(event) => onChange(event.target.value)}
      >
        {value !== "" && !options.some((option) => option.value === value) && <option value={value}>{value}</option>}
        {empty !== undefined && <option value="">{empty}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <div id={`${id}-more`}>
        {hint && <span className="hint">{hint}</span>}
        {wrong && <span className="error">{wrong}</span>}
      </div>
    </div>
  );
}

interface TickProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string;
  /** The JSON pointer of what is sent when it is ticked, where that can be refused. */
  name?: string;
}

export function Tick({ label, checked, onChange, hint, name }: TickProps) {
  const wrong = errorAt(useContext(Errors), name ?? "");
  return (
    <label className="tick">
      <input
        type="checkbox"
        name={name}
        aria-invalid={wrong ? true : undefined}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        {hint && <span className="hint">{hint}</span>}
        {wrong && <span className="error">{wrong}</span>}
      </span>
    </label>
  );
}
