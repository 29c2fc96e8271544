import { useRef, useState } from "react";

import { AMOUNT } from "../orders/search";
import { TextField, type FieldErrors } from "../ui/field";

interface ItemFieldsProps {
  errors: FieldErrors;
  onCount: (lines: number) => void;
}

/** The order's lines: named items.0, items.1 … in the order in which they stand. */
export function ItemFields({ errors, onCount }: ItemFieldsProps) {
  const next = useRef(1);
  const [lines, setLines] = useState<readonly number[]>([0]);
  const change = (changed: readonly number[]) => {
    setLines(changed);
    onCount(changed.length);
  };

  return (
    <div className="grid gap-4">
      {lines.map((key, index) => {
        const field = (name: string) => ({ name: `items.${index}.${name}`, error: errors[`items.${index}.${name}`] });
        return (
          <fieldset key={key} className="grid grid-cols-2 items-start gap-3 sm:grid-cols-[1.2fr_1.6fr_0.7fr_1fr_auto]">
            <legend className="sr-only">Line {index + 1}</legend>
            <TextField label="SKU" autoComplete="off" {...field("sku")} />
            <TextField label="Name (optional)" autoComplete="off" {...field("name")} />
            <TextField label="Quantity" type="number" step={1} required defaultValue="1" {...field("quantity")} />
            <TextField label="Price of one" inputMode="decimal" required pattern={AMOUNT} title="An amount, such as 24.90" autoComplete="off" {...field("unitPrice")} />
            <button
              type="button"
              className="button col-span-2 sm:col-span-1 sm:mt-6"
              disabled={lines.length === 1}
              onClick={() => { change(lines.filter((one) => one !== key)); }}
            >
              Remove<span className="sr-only"> line {index + 1}</span>
            </button>
          </fieldset>
        );
      })}
      {errors["items"] && <p className="field-error">{errors["items"]}</p>}
      <div>
        <button type="button" className="button" onClick={() => { change([...lines, next.current]); next.current += 1; }}>Add a line</button>
      </div>
    </div>
  );
}
