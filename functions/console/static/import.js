// The file of an exported version: it becomes the next version of the model that it names, whose versions are then shown.
import { get, post, sent } from "./api.js";
import { onward } from "./parts.js";
import { nameOf } from "./start.js";

// Nobody waits for it on one machine; on AWS the bucket tells of it.
const pause = () => new Promise((go) => setTimeout(go, 500));

// The name of the model in the header of the file, else one made of the file's own; the platform says what is wrong with it.
async function modelOf(file) {
  try {
    const size = new DataView(await file.slice(0, 8).arrayBuffer()).getUint32(0, true);
    const { __metadata__: said } = JSON.parse(await file.slice(8, 8 + size).text());
    return JSON.parse(said.lepton).head.model;
  } catch {
    return nameOf(file.name.replace(/\.lepton$/i, ""));
  }
}

export async function imported(file, tell) {
  const go = onward();
  const model = await modelOf(file);
  const path = `/v1/models/${encodeURIComponent(model)}`;
  const announced = await post(`${path}/import`, { size: file.size });
  await sent(announced.url || `${path}/import/${announced.id}`, file, tell);
  for (;;) {
    const found = await get(`${path}/import/${announced.id}`);
    if (found.state === "rejected") throw found.error;
    if (found.state === "accepted") return go("models", model, "versions");
    await pause();
  }
}
