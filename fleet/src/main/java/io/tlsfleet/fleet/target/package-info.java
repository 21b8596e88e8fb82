/**
 * What an operator asked us to watch, and the endpoints that it means: values that are valid once they exist.
 * Text of a targets file, a CSV or a JSON object comes in; a target or a message that names the input goes out.
 */
@NullMarked
package io.tlsfleet.fleet.target;

import org.jspecify.annotations.NullMarked;
