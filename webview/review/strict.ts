import { z } from 'zod';

// zod would otherwise try `new Function` as soon as a schema is made, which the content policy refuses and reports: this
// module comes before all that make one.
z.config({ jitless: true });
