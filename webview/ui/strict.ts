import { z } from 'zod';

// Otherwise zod tries `new Function`, which the content policy blocks. This module must be imported before all schemas.
z.config({ jitless: true });
