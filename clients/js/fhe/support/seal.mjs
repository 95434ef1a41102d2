// The node-seal that LG_NODE_SEAL names: 6, or 7, which needs Node 24.
const release = process.env.LG_NODE_SEAL ?? "6";

export const initialize = (await import(release === "7" ? "node-seal-seven" : "node-seal")).default;
export const seal = await initialize();
