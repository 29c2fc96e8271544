import document from "../../../docs/architecture.md?raw";

/** The guide shows what docs/architecture.md says, which a test compares with the rules themselves. */
export interface Transition {
  from: string;
  to: string;
  event: string;
}

export interface Diagram {
  transitions: readonly Transition[];
  /** States that are drawn in one box, by the name that transitions out of the box begin with. */
  groups: Readonly<Record<string, readonly string[]>>;
}

const START_OR_END = "[*]";

/** Read a state diagram of Mermaid's, as far as ours use its language. */
export function readDiagram(markdown: string): Diagram {
  const source = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  const transitions: Transition[] = [];
  const groups: Record<string, string[]> = {};
  let members: string[] | undefined;
  for (const line of source.split("\n").map((one) => one.trim())) {
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

/** Read the rows of the table with this head, without the head. */
export function readTable(markdown: string, head: string): string[][] {
  const lines = markdown.split("\n");
  const start = lines.indexOf(head);
  if (start === -1) return [];
  const body = lines.slice(start + 2);
  const end = body.findIndex((line) => !line.startsWith("|"));
  return body.slice(0, end === -1 ? undefined : end).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

export const diagram = readDiagram(document);
export const commands = readTable(document, "| command | taken while | effect |");
