/* Families of chips, by the names that esptool-js and manifest.json have for them. */

/** A name that tells it from its successors, too. */
export function inWords(family: string): string {
  return family === "ESP32" ? "classic ESP32" : family;
}

/** esptool's name of it. */
export function forEsptool(family: string): string {
  return family.toLowerCase().replace("-", "");
}
