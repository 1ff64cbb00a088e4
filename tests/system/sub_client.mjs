// A SUB client of healthd in Node: `node sub_client.mjs ENDPOINT PREFIX COUNT` prints COUNT messages
// as lines of JSON, [topic, map], then ends. See test_publish.py.
import { decode } from "@msgpack/msgpack";
import { Subscriber } from "zeromq";

const [endpoint, prefix, count] = process.argv.slice(2);
const subscriber = new Subscriber();
subscriber.connect(endpoint);
subscriber.subscribe(prefix);
let left = Number(count);
for await (const [topic, body] of subscriber) {
  console.log(JSON.stringify([topic.toString(), decode(body)]));
  left -= 1;
  if (left <= 0) break;
}
subscriber.close();
