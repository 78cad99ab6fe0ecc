/** Dates of headers and rules in their many spellings, written back as `YYYY-MM-DD HH:MM:SS[.ffffff]`. */
import { strip } from "./condition.js";

/** The text isn't a date that rules accept. */
export class DateError extends Error {}

export interface DateParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** The form with T has fields of exactly two digits and at most six digits of a fraction. */
const isoForm = /^(\d{4}[-/]\d{2}[-/]\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)$/;

/**
 * @param text several header values joined with one blank
 * @throws DateError saying what is wrong
 */
export function parseDate(text: string): DateParts {
  const trimmed = strip(strip(text).replace(/ UT$/, ""));
  if (trimmed.includes("UNDEFINED")) throw new DateError("a date or time is UNDEFINED");
  const iso = isoForm.exec(trimmed);
  if (iso) return parseNumeric(`${iso[1]} ${iso[2]}`);
  return /[A-Za-z]{3}/.test(trimmed) ? parseNamed(trimmed) : parseNumeric(trimmed);
}

function parseNumeric(text: string): DateParts {
  const [date = "", ...rest] = text.split(/\s+/);
  const time = parseTime(rest.join(" "));
  const joined = /^(\d{4})(\d{2})(\d{2}):(\d{2})(\d{2})(\d{2})$/.exec(date);
  if (joined) {
    const [year, month, day, hour, minute, second] = joined.slice(1).map(Number);
    return checkParts({
      year: year!,
      month: month!,
      day: day!,
      hour: hour!,
      minute: minute!,
      second: second!,
      microsecond: 0,
    });
  }
  const [year, month, day] = numericDate(date.replaceAll("-", "/"));
  return checkParts({ year, month, day, ...time });
}

function numericDate(date: string): [number, number, number] {
  const yearFirst = /^(\d{4})\/(\d{2})\/(\d{2})$/.exec(date);
  if (yearFirst) return [Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3])];
  const monthFirst = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(date);
  if (monthFirst) return [Number(monthFirst[3]), Number(monthFirst[1]), Number(monthFirst[2])];
  const short = /^(\d{2})\/(\d{2})\/(\d{2})$/.exec(date);
  if (short) {
    const year = Number(short[3]);
    if (year >= 40 && year < 90) throw new DateError(`the year "${short[3]}" may be of either century`);
    return [year + (year >= 90 ? 1900 : 2000), Number(short[2]), Number(short[1])];
  }
  throw new DateError(`unknown numerical date form "${date}"`);
}

/** `Feb 08 2006 01:02AM`, `July 27, 1999 00:00:00`, `03 Jan 2013`, `21-Mar-2001`. */
function parseNamed(text: string): DateParts {
  const fields = text
    .replace(/[-/]/g, " ")
    .replace(/ +([ap]m)$/i, "$1")
    .split(/\s+/);
  if (fields.length !== 3 && fields.length !== 4)
    throw new DateError(`the date "${text}" needs day, month and year`);
  const [first, second, year, time = ""] = fields as [string, string, string, string?];
  const named = monthOf(first) > 0;
  const month = named ? monthOf(first) : monthOf(second);
  const day = (named ? second : first).replace(/,$/, "");
  if (month === 0) throw new DateError(`"${named ? first : second}" isn't a month`);
  if (!/^\d+$/.test(day) || !/^\d+$/.test(year)) throw new DateError(`unknown date form "${text}"`);
  return checkParts({ year: Number(year), month, day: Number(day), ...parseTime(time) });
}

const monthOf = (word: string): number => months.indexOf(word.slice(0, 3).toUpperCase()) + 1;

type Time = Pick<DateParts, "hour" | "minute" | "second" | "microsecond">;

/** `H:M[:S[.frac]][:ignored] [AM|PM]`; no time is midnight; 13:02 PM is 13:02, 12 AM is 0. */
function parseTime(text: string): Time {
  if (text === "") return { hour: 0, minute: 0, second: 0, microsecond: 0 };
  const found = /^(\d+):(\d+)(?::(\d+(?:\.\d*)?|\.\d+))?(?::[^:]*?)?\s*([AaPp][Mm])?$/.exec(text);
  if (!found) throw new DateError(`unknown time form "${text}"`);
  const [, h, m, s = "0", half = ""] = found;
  let hour = Number(h);
  if (/pm/i.test(half) && hour < 12) hour += 12;
  if (/am/i.test(half) && hour === 12) hour = 0;
  const seconds = Number(s);
  const second = Math.trunc(seconds);
  // microseconds are cut from the binary fraction: 38.296 becomes 38.295999
  return { hour, minute: Number(m), second, microsecond: Math.trunc((seconds - second) * 1e6) };
}

function checkParts(parts: DateParts): DateParts {
  const { year, month, day, hour, minute, second } = parts;
  if (year < 1 || year > 9999) throw new DateError(`the year ${year} is out of range`);
  if (month < 1 || month > 12) throw new DateError(`the month ${month} must be 1 to 12`);
  if (day < 1 || day > daysIn(year, month))
    throw new DateError(`the day ${day} is out of range for the month`);
  if (hour > 23) throw new DateError(`the hour ${hour} must be 0 to 23`);
  if (minute > 59) throw new DateError(`the minute ${minute} must be 0 to 59`);
  if (second > 59) throw new DateError(`the second ${second} must be 0 to 59`);
  return parts;
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Microseconds appear only when they aren't zero. */
export function formatDate(p: DateParts): string {
  const fraction = p.microsecond === 0 ? "" : `.${String(p.microsecond).padStart(6, "0")}`;
  const date = `${String(p.year).padStart(4, "0")}-${two(p.month)}-${two(p.day)}`;
  return `${date} ${two(p.hour)}:${two(p.minute)}:${two(p.second)}${fraction}`;
}

/** Seconds since the epoch. */
export function dateSeconds(p: DateParts): number {
  const day = new Date(0);
  day.setUTCFullYear(p.year, p.month - 1, p.day);
  return day.getTime() / 1000 + p.hour * 3600 + p.minute * 60 + p.second + p.microsecond / 1e6;
}
