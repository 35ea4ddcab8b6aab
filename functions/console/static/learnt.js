// What a version learnt from that was imported: nothing that is here.
import { t } from "./words.js";

// In a few words; empty where its data are here.
export function elsewhere({ imported }) {
  return imported ? t("imported", { model: imported.model, version: imported.version }) : "";
}
