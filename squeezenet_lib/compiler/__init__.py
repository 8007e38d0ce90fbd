"""Graph to program: data flow, layout, memory plan."""
