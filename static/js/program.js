// The script of every page but Today: all of app.js, and what only they need.
import "./app.js";
import "./print.js";
import "./time-zone.js";
