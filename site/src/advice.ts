/* What to do about what a board says of itself. The rules come with the story, from squeezenet_lib/device/advice.py. */

/** It applies where `pattern` is found in the value of `key`. {key} in the sentence: the value of any key. */
export interface Rule {
  readonly key: string;
  readonly pattern: string;
  readonly sentence: string;
}

/** A sentence for each thing that a person should do something about. */
export function advice(rules: readonly Rule[], fields: ReadonlyMap<string, string>): string[] {
  const told = rules
    .filter(({ key, pattern }) => fields.has(key) && new RegExp(pattern).test(fields.get(key)!))
    .map(({ sentence }) => sentence.replaceAll(/\{(\w+)\}/g, (_, key: string) => fields.get(key) ?? "unknown"));
  return [...new Set(told)];
}
