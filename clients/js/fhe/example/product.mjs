import SEAL from "node-seal";
import { FheClient } from "@latticegate/fhe";

const client = new FheClient({
  baseUrl: process.env.LG_FHE_URL,
  token: process.env.LG_TOKEN,
  seal: await SEAL(),
  preset: "S13",
});

const circuit = client.circuit();
const a = circuit.input();
const b = circuit.input();
const product = circuit.rescale(circuit.relinearise(circuit.multiply(a, b)));
circuit.output(product).output(circuit.rotate(product, 1));

const [products, shifted] = await client.ops(circuit, [
  [1.5, -2, 3],
  [4, 0.5, -1],
]);
console.log([...products.slice(0, 3)].map((value) => value.toFixed(3))); // [ '6.000', '-1.000', '-3.000' ]
console.log([...shifted.slice(0, 2)].map((value) => value.toFixed(3))); // [ '-1.000', '-3.000' ]

await client.close();
