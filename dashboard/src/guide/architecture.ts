import document from "../../../docs/architecture.md?raw";

// The guide shows the state diagram and the command table of docs/architecture.md. A test compares that
// document with the rules in orchestration/domain/.

export interface Transition {
  from: string;
  to: string;
  event: string;
}

export interface Diagram {
  transitions: readonly Transition[];
  /** Member states by the name of their composite state. A transition from that name applies to every member. */
  groups: Readonly<Record<string, readonly string[]>>;
}

const START_OR_END = "[*]";

/** Parse the subset of Mermaid that docs/architecture.md uses. */
export function parseDiagram(markdown: string): Diagram {
  const source = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  const transitions: Transition[] = [];
  const groups: Record<string, string[]> = {};
  let members: string[] | undefined;
  for (const line of source.split("\n").map((text) => text.trim())) {
    const group = /^state ".*" as (\w+) \{$/.exec(line)?.[1];
    const [, from, to, event] = /^(\S+) --> (\S+?)(?:: (\w+))?$/.exec(line) ?? [];
    if (group !== undefined) members = groups[group] = [];
    else if (line === "}") members = undefined;
    else if (from !== undefined && to !== undefined && from !== START_OR_END && to !== START_OR_END) {
      transitions.push({ from, to, event: event ?? "" });
      if (members) members.push(...[from, to].filter((state) => !members?.includes(state)));
    }
  }
  return { transitions, groups };
}

/** Parse the first table whose header row begins with the given text. Returns its body rows. */
export function parseTable(markdown: string, header: string): string[][] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => line.startsWith(header));
  if (start === -1) return [];
  const body = lines.slice(start + 2);
  const end = body.findIndex((line) => !line.startsWith("|"));
  return body.slice(0, end === -1 ? undefined : end).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

export const diagram = parseDiagram(document);
export const commands = parseTable(document, "| command |");
