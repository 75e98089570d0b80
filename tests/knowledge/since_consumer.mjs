import { readFileSync } from "node:fs";

const [, , file, from, to] = process.argv;
const number = (release) => release.split(".").reduce((sum, part, at) => sum + part / 1000 ** at, 0);
const within = (date) => date?.release && number(date.release) > number(from) && number(date.release) <= number(to);
for (const [table, ops] of Object.entries(JSON.parse(readFileSync(file)).ops))
  for (const [op, { header }] of Object.entries(ops))
    for (const { since, removed } of header)
      for (const [word, date] of [["added", since], ["removed", removed]])
        if (within(date)) console.log(`${date.release} ${word} ${table}.${op}`);
