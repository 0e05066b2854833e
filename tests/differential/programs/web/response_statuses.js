// Statuses that a response can have.
import { attempt } from "lines";

export default async () => {
  for (const status of [100, 101, 199, 200, 204, 205, 304, 599, 600, 200.5, "201", "abc", null, undefined]) await attempt(`status ${status}`, () => new Response(null, { status }).status);
  for (const status of [204, 205, 304]) await attempt(`body with ${status}`, () => new Response("x", { status }).status);
};
