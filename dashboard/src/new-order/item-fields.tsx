import { useRef, useState } from "react";

import { AMOUNT } from "../orders/search";
import { TextField, type FieldErrors } from "../ui/field";

interface ItemFieldsProps {
  errors: FieldErrors;
  onCountChange: (lines: number) => void;
}

/** The fields of line n are named items.n.…, counted from 0 from top to bottom. */
export function ItemFields({ errors, onCountChange }: ItemFieldsProps) {
  const nextKey = useRef(1);
  const [lines, setLines] = useState<readonly number[]>([0]);
  const change = (changed: readonly number[]) => {
    setLines(changed);
    onCountChange(changed.length);
  };

  return (
    <div className="grid gap-4">
      {lines.map((key, index) => {
        const field = (name: string) => ({ name: `items.${index}.${name}`, error: errors[`items.${index}.${name}`] });
        return (
          <fieldset key={key} className="grid grid-cols-2 items-start gap-3 sm:grid-cols-[1.2fr_1.6fr_0.7fr_1fr_auto]">
            <legend className="sr-only">Item {index + 1}</legend>
            <TextField label="SKU" autoComplete="off" {...field("sku")} />
            <TextField label="Name (optional)" autoComplete="off" {...field("name")} />
            <TextField label="Quantity" type="number" step={1} required defaultValue="1" {...field("quantity")} />
            <TextField label="Unit price" inputMode="decimal" required pattern={AMOUNT} title="Enter an amount, such as 24.90" autoComplete="off" {...field("unitPrice")} />
            <button
              type="button"
              className="button col-span-2 sm:col-span-1 sm:mt-6"
              disabled={lines.length === 1}
              onClick={() => { change(lines.filter((other) => other !== key)); }}
            >
              Remove<span className="sr-only"> item {index + 1}</span>
            </button>
          </fieldset>
        );
      })}
      {errors["items"] && <p className="field-error">{errors["items"]}</p>}
      <div>
        <button type="button" className="button" onClick={() => { change([...lines, nextKey.current]); nextKey.current += 1; }}>Add item</button>
      </div>
    </div>
  );
}
