/** What a column of a file is read as: chosen from what it can be. */
import { NativeSelect } from "@mantine/core";
import { useNamed, useSay } from "../i18n";

type Choice = { column: string; field: string | null; fields: string[]; choose: (field: string | null) => void };

export function FieldChoice({ column, field, fields, choose }: Choice) {
  const say = useSay();
  const named = useNamed();
  // a saved mapping may read a column as what is no usual field
  const values = [...new Set([...(field ? [field] : []), ...fields])];
  return (
    <NativeSelect
      size="sm"
      aria-label={say("import.read_as.of", { column })}
      value={field ?? ""}
      className={field ? undefined : "unread"}
      onChange={(event) => choose(event.currentTarget.value || null)}
      data={[{ value: "", label: say("import.not_read") }, ...values.map((value) => ({ value, label: named("field", value) }))]}
    />
  );
}
