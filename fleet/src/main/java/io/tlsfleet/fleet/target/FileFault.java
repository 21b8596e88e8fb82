package io.tlsfleet.fleet.target;

import java.io.EOFException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;

/** Why a file that an operator named could not be read, in words that follow its name. */
public final class FileFault {
    private FileFault() {}

    public static String of(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "cannot be read: permission denied";
            case EOFException _ -> "is cut: it ends too early";
            case CharacterCodingException _ -> "is no UTF-8 text";
            case InvalidPathException _ -> "is no name of a file";
            default ->
                "cannot be read: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        };
    }
}
