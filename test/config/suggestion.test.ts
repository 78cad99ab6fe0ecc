import test from "ava";
import { editDistance, nearest, suggestion } from "../../src/config/suggestion.js";

test("the distance counts insertions, deletions, substitutions and swaps of neighbours", (t) => {
  t.is(editDistance("dark", "dark"), 0);
  t.is(editDistance("drak", "dark"), 1);
  t.is(editDistance("dar", "dark"), 1);
  t.is(editDistance("darkk", "dark"), 1);
  t.is(editDistance("flat", "dark"), 4);
  t.is(editDistance("", "abc"), 3);
});

test("the nearest name is meant, however it is punctuated; a far one isn't", (t) => {
  const steps = ["dq_init", "saturation", "flat_field", "ramp_fit"];
  t.is(nearest("flat-field", steps), "flat_field");
  t.is(nearest("flatfeild", steps), "flat_field");
  t.is(nearest("ramp", steps), "ramp_fit");
  t.is(nearest("photom", steps), undefined);
  t.is(suggestion("saturaton", steps), '; did you mean "saturation"?');
  t.is(suggestion("photom", steps), "");
});
