// One request from this process, with the Host that reaches the worker (fetch would not let us).
import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true });

/** The body of a 200 answer; anything else is an error. */
export function get({ url, host }, path) {
  return new Promise((resolve, reject) => {
    const call = request(url + path, { agent, headers: { Host: host } }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => (body += chunk));
      response.once("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${path} answered ${response.statusCode}: ${body}`));
      });
      response.once("error", reject);
    });
    call.once("error", reject);
    call.end();
  });
}
