package io.tlsfleet.api.alertfile;

/** What is wrong in a file, and where; counted from 1. */
public record FileProblem(int line, int column, String message) {}
