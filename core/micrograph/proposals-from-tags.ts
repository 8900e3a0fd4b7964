import type { ProposedField, RecordProposal } from "./record-proposals.ts";

/** Vendor tags as a reader keeps them. */
export type TagTree =
  | string
  | number
  | boolean
  | null
  | readonly TagTree[]
  | { readonly [name: string]: TagTree };

/** Ends of tag paths that vendors use for what belongs to a record, most telling first. */
const endings: readonly (readonly [ProposedField, RegExp])[] = [
  [
    "specimen",
    /(^|\.)(Session Info\.Specimen|Microscope Info\.Specimen|Specimen Info\.Specimen|Sample\.SampleId|Sample\.SampleDescription|SampleName|Sample Name)$/i,
  ],
  [
    "operator",
    /(^|\.)(Session Info\.Operator|Microscope Info\.Operator|Operator|User\.User|UserName|User Name|AP_USER_NAME)$/i,
  ],
  [
    "holder",
    /(^|\.)(Stage\.HolderType|HolderType|Holder Type|Holder|Microscope Info\.Holder|Specimen Holder)$/i,
  ],
  [
    "instrument",
    /(^|\.)(Session Info\.Microscope|Instrument\.InstrumentModel|InstrumentModel|System\.Type|Microscope Info\.Name)$/i,
  ],
];
/** What programs write where nobody has typed anything. */
const meaningless =
  /^(|-+|n\/?a|none|null|unknown|undefined|default|supervisor|administrator|admin|user|operator|specimen|sample|holder|no (specimen )?holder|fei|0|\d+)$/i;
const longest = 200;
const mostNodes = 50_000;

/**
 * Specimen, operator, holder and instrument as vendor tags name them; the first telling value a field. Long texts,
 * numbers and the words programs put where nobody typed anything are passed over. Each proposal names its tag's path.
 */
export function proposalsFromTags(tags: TagTree): readonly RecordProposal[] {
  const found = new Map<ProposedField, RecordProposal & { readonly rank: number }>();
  const waiting: { readonly node: TagTree; readonly path: string }[] = [{ node: tags, path: "" }];
  for (let i = 0; i < waiting.length && i < mostNodes; i++) {
    const { node, path } = waiting[i]!;
    if (typeof node === "object" && node !== null) {
      for (const [name, child] of Object.entries(node))
        waiting.push({ node: child, path: path === "" ? name : `${path}.${name}` });
      continue;
    }
    if (typeof node !== "string") continue;
    const text = node.trim();
    if (text.length > longest || meaningless.test(text)) continue;
    for (const [field, ending] of endings) {
      const match = ending.exec(path);
      const rank = match ? ending.source.indexOf(match[2]!) : -1;
      const known = found.get(field);
      if (!match || (known && known.rank <= rank)) continue;
      found.set(field, { field, value: text, source: { kind: "tag", at: path, text: node }, rank });
    }
  }
  return [...found.values()].map(({ rank: _, ...proposal }) => proposal);
}
