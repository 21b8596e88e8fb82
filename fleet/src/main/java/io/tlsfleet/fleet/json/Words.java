package io.tlsfleet.fleet.json;

import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** An enum that has a {@code word()} is written and read as that word. */
final class Words extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public String[] findEnumValues(
            MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] explicitNames) {
        String[] names = super.findEnumValues(config, type, constants, explicitNames);
        try {
            Method word = type.getRawType().getMethod("word");
            for (int i = 0; i < constants.length; i++) {
                names[i] = (String) word.invoke(constants[i]);
            }
        } catch (NoSuchMethodException e) {
            return names;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(type.getName(), e);
        }
        return names;
    }
}
