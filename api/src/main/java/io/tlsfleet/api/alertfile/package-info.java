/**
 * Alerting as a file: receivers and routes as YAML, every problem with its line and column, applied to a database or tried
 * with the labels of a finding. What is applied is marked, so that the next version of the file replaces it and nothing
 * that people made by hand. Secrets come from the environment or from files beside it.
 */
@NullMarked
package io.tlsfleet.api.alertfile;

import org.jspecify.annotations.NullMarked;
